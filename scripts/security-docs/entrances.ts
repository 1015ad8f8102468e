import { flatReference } from '../../lib/flat-reference.ts';
import { code, table } from '../template/markdown.ts';
import { listOf } from '../template/permissions.ts';
import type { Resource } from '../template/resources.ts';
import type { Wording } from './wording.ts';

/** Routes of the API, with what lets a caller in. */
export function routeTable(resources: readonly Resource[]): string {
  const rows = resources
    .filter(({ type }) => type === 'AWS::ApiGateway::Method')
    .map(({ path, properties }) => {
      const route = path.replace(/^Api\/Api\/(Default)?/, '').replace(/\/[A-Z]+$/, '') || '/';
      const open = properties['AuthorizationType'] === 'NONE';
      return [code(`${properties['HttpMethod']} ${route}`), open ? 'anybody' : 'an API key'] as const;
    });
  const preflights = rows.filter(([route]) => route.startsWith('`OPTIONS'));
  const others = rows.filter(([route]) => !route.startsWith('`OPTIONS'));
  return table(
    ['Route', 'Open to'],
    [...others, [`\`OPTIONS\` of ${preflights.length} paths: answered by the gateway itself`, 'anybody']],
  );
}

/** Services that call functions and queues by the policies of these. */
export function callerTable(resources: readonly Resource[], { reference, conditions }: Wording): string {
  const calls = resources
    .filter(({ type }) => type === 'AWS::Lambda::Permission')
    .map(({ properties: { Principal, FunctionName, SourceArn } }): Call => {
      const who = [code(Principal), `calls ${code(reference(flatReference(FunctionName)))}`] as const;
      return { who, where: `source is ${code(withoutStage(reference(flatReference(SourceArn))))}` };
    });
  const sends = resources
    .filter(({ type }) => type === 'AWS::SQS::QueuePolicy')
    .flatMap(({ properties: { PolicyDocument, Queues } }) => {
      const queues = listOf(Queues).map((queue) => code(reference(flatReference(queue))));
      return (PolicyDocument.Statement as readonly PolicyStatement[])
        .filter(({ Effect }) => Effect === 'Allow')
        .map(({ Principal, Condition = {} }): Call => {
          const who = [code(String(Principal.Service)), `sends to ${queues.join(', ')}`] as const;
          return { who, where: conditions(Condition) };
        });
    });
  return table(['Service', 'May', 'Only from'], gathered([...calls, ...sends]));
}

/** A route, without the API and stage that it is of. */
const withoutStage = (source: string): string => source.replace(/^execute-api: .*DeploymentStage\.api\//, '');

interface Call {
  readonly who: readonly [string, string];
  readonly where: string;
}

/** A row for each caller and callee. */
function gathered(calls: readonly Call[]): readonly (readonly string[])[] {
  const rows = new Map<string, { readonly who: Call['who']; readonly where: Set<string> }>();
  for (const { who, where } of calls) {
    const row = rows.get(who.join()) ?? { who, where: new Set() };
    rows.set(who.join(), row);
    row.where.add(where);
  }
  return [...rows.values()].map(({ who, where }) => [
    ...who,
    [...where].map((text) => text.replace(/^source is /, '')).join(', '),
  ]);
}

interface PolicyStatement {
  readonly Effect: string;
  readonly Principal: { readonly Service?: string };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
