import { describe, expect, it } from 'vitest';
import { flatReference } from '../../lib/flat-reference.ts';
import { DEPLOYED_PROFILES } from '../../scripts/template/with-stack.ts';
import { synthesized } from './synthesized.ts';

type Resources = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Some logical ids follow from the stack's name. */
const NAME = { stackName: 'Slackline' };

/** Resources by their ids, each as lines; without what follows from the bytes of the code. */
function scrubbed(profile: string): ReadonlyMap<string, string> {
  const { Resources } = synthesized(profile, NAME).toJSON() as { readonly Resources: Resources };
  return new Map(
    Object.entries(Resources).map(([id, resource]) => [id.replace(DEPLOYMENT, '$1'), linesOf(id, resource)]),
  );
}

const DEPLOYMENT = /(Deployment[0-9A-F]{8})[0-9a-f]{32}/g;

function linesOf(id: string, { Type, Properties = {}, ...attributes }: Resources[string]): string {
  const lines = Object.entries({ ...attributes, ...(Properties as object) }).map(
    ([name, value]) => `  ${name}: ${JSON.stringify(withoutReferences(value))}`,
  );
  return [`${id} ${Type}`, ...lines]
    .join('\n')
    .replaceAll(/"[0-9a-f]{64}\.zip"/g, '"<code>.zip"')
    .replaceAll(DEPLOYMENT, '$1');
}

/** Every reference and join as one text. */
function withoutReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutReferences);
  if (typeof value !== 'object' || value === null) return value;
  const [first = ''] = Object.keys(value);
  if (['Ref', 'Fn::GetAtt', 'Fn::Join'].includes(first)) return flatReference(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutReferences(member)]));
}

const dev = scrubbed('dev');

describe('the template', () => {
  it('of dev is as it was', async () => {
    await expect([...dev.values(), ''].join('\n')).toMatchFileSnapshot('snapshots/dev.txt');
  });

  it.each(DEPLOYED_PROFILES.filter((profile) => profile !== 'dev'))(
    'of %s differs from that of dev as it did',
    async (profile) => {
      const other = scrubbed(profile);
      const gone = [...dev.keys()].filter((id) => !other.has(id)).map((id) => `${id} is not there`);
      const changed = [...other].filter(([id, lines]) => dev.get(id) !== lines);
      const text = [...gone, ...changed.map(([, lines]) => lines), ''].join('\n');
      await expect(text).toMatchFileSnapshot(`snapshots/${profile}.txt`);
    },
  );
});
