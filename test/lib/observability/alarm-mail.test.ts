import { expect, it } from 'vitest';
import { flatReference } from '../../../lib/flat-reference.ts';
import { resourcesOf } from '../../../scripts/template/resources.ts';
import { withStack } from '../synthesized.ts';

const resources = withStack('dev', { alarmEmail: 'oncall@example.com' }, resourcesOf);
const ofType = (type: string) => resources.filter((each) => each.type === type);
const [topic] = ofType('AWS::SNS::Topic').map(({ logicalId }) => `<${logicalId}>`);

interface Statement {
  readonly Effect: string;
  readonly Principal: { readonly Service?: string };
  readonly Action: unknown;
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

it('alarms go to the topic whose mails the profile’s address gets', () => {
  const alarms = ofType('AWS::CloudWatch::Alarm');
  expect(alarms.length).toBeGreaterThan(0);
  for (const { path, properties } of alarms) {
    expect(properties['AlarmActions'].map(flatReference), path).toEqual([topic]);
  }
  const [subscription, ...others] = ofType('AWS::SNS::Subscription').map(({ properties }) => properties);
  expect(others).toEqual([]);
  expect(subscription).toMatchObject({ Protocol: 'email', Endpoint: 'oncall@example.com' });
  expect(flatReference(subscription?.['TopicArn'])).toBe(topic);
});

it('alarms of this account may publish to the topic, whose own policy SNS’s stands back for', () => {
  const policies = ofType('AWS::SNS::TopicPolicy').filter(({ properties }) =>
    properties['Topics'].map(flatReference).includes(topic),
  );
  const allowed = policies
    .flatMap(({ properties }) => properties['PolicyDocument'].Statement as readonly Statement[])
    .filter(({ Effect }) => Effect === 'Allow')
    .map(({ Principal, Action, Resource, Condition }) => [
      Principal,
      Action,
      flatReference(Resource),
      Condition,
    ]);
  const ofAccount = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
  expect(allowed).toEqual([[{ Service: 'cloudwatch.amazonaws.com' }, 'sns:Publish', topic, ofAccount]]);
});
