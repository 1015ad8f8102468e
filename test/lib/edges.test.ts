import { describe, expect, it } from 'vitest';
import { flatReference } from '../../lib/flat-reference.ts';
import { type Resource, resourcesOf } from '../../scripts/template/resources.ts';
import { withStack } from '../../scripts/template/with-stack.ts';

const RESOURCES = withStack('prod', {}, resourcesOf);
const ofType = (type: string): readonly Resource[] => RESOURCES.filter((each) => each.type === type);

/** What a reference means. */
function meant(reference: unknown): Resource {
  const [, logicalId] = /^<([A-Za-z0-9]+)/.exec(flatReference(reference)) ?? [];
  const found = RESOURCES.find((each) => each.logicalId === logicalId);
  if (found === undefined) throw new Error(`${flatReference(reference)} is nothing in the template.`);
  return found;
}

interface Target {
  readonly Arn: unknown;
  readonly DeadLetterConfig?: { readonly Arn: unknown };
}
const TARGETS = ofType('AWS::Events::Rule').flatMap(({ path, properties }) =>
  (properties['Targets'] as readonly Target[]).map((target) => [path, target] as const),
);
const MAPPINGS = ofType('AWS::Lambda::EventSourceMapping').map(
  ({ path, properties }) => [path, properties] as const,
);

describe('rule', () => {
  it.each(TARGETS)('%s sets aside what its target did not take', (_, target) => {
    expect(meant(target.DeadLetterConfig?.Arn).path).toMatch(/DeadLetters$/);
  });

  it.each(TARGETS)('%s loses nothing that a function failed on', (_, { Arn }) => {
    const { type, properties } = meant(Arn);
    if (type !== 'AWS::Lambda::Function') expect(type).toBe('AWS::SQS::Queue');
    else expect(meant(properties['DeadLetterConfig'].TargetArn).path).toMatch(/DeadLetters$/);
  });
});

describe('queue', () => {
  it.each(MAPPINGS)(
    'of %s hides a message for six times the time that its function may take',
    (_, mapping) => {
      const queue = meant(mapping['EventSourceArn']).properties;
      const { Timeout } = meant(mapping['FunctionName']).properties;
      expect(queue['VisibilityTimeout']).toBeGreaterThanOrEqual(6 * Timeout);
      expect(meant(queue['RedrivePolicy'].deadLetterTargetArn).path).toMatch(/DeadLetters$/);
    },
  );

  // A hint that is set aside harms nothing: the plan dispatches its Shard anew.
  it('of dead letters has an alarm on every message but hints', () => {
    const watched = ofType('AWS::CloudWatch::Alarm').map(({ properties }) => JSON.stringify(properties));
    const deadLetters = ofType('AWS::SQS::Queue').filter(({ path }) => path.endsWith('DeadLetters'));
    expect(deadLetters.length).toBeGreaterThan(0);
    for (const { logicalId, path } of deadLetters) {
      if (path.includes('/Dispatch-')) continue;
      expect(
        watched.some((alarm) => alarm.includes(`"${logicalId}"`)),
        path,
      ).toBe(true);
    }
  });
});

describe('the gateway', () => {
  /** Of a proxy integration, where a method names none. */
  const GATEWAY_SECONDS = 29;
  const called = [
    ...ofType('AWS::ApiGateway::Method').map(({ properties }) => properties['Integration'].Uri),
    ...ofType('AWS::ApiGateway::Authorizer').map(({ properties }) => properties['AuthorizerUri']),
  ].filter((uri) => uri !== undefined);
  const functions = ofType('AWS::Lambda::Function').filter(({ logicalId }) =>
    called.some((uri) => JSON.stringify(uri).includes(`"${logicalId}"`)),
  );

  it('waits longer for a function than that may take', () => {
    expect(functions.map(({ path }) => path.replace('Functions/', ''))).toEqual([
      ...['authorizer', 'batches-api', 'files-api', 'uploads-api'],
    ]);
    for (const { path, properties } of functions) {
      expect(properties['Timeout'], path).toBeLessThan(GATEWAY_SECONDS);
    }
  });
});
