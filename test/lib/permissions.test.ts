import { describe, expect, it } from 'vitest';
import { recordKeys } from '../../core/keys.ts';
import { type Permission, permissionsOf } from '../../scripts/template/permissions.ts';
import { resourcesOf } from '../../scripts/template/resources.ts';
import { withStack } from '../../scripts/template/with-stack.ts';

interface Allowed extends Permission {
  /** Of the role, without what every role is called. */
  readonly who: string;
}

const ROLES = permissionsOf(withStack('prod', {}, resourcesOf));
const ALLOWED: readonly Allowed[] = ROLES.flatMap(({ role, permissions }) =>
  permissions.map((permission) => ({ who: nameOf(role.path), ...permission })),
);

function nameOf(path: string): string {
  return path.replace(/^Functions\//, '').replace(/(\/?(Task)?Role)$/, '');
}

const whoMay = (action: string): readonly string[] => [
  ...new Set(ALLOWED.filter(({ actions }) => actions.includes(action)).map(({ who }) => who)),
];
const AGENTS = ['Gpu/Task-qwen3-8b/Definition', 'Gpu/Task-qwen3-embedding-06b/Definition'];

describe('every role', () => {
  it('names its actions whole', () => {
    expect(ALLOWED.length).toBeGreaterThan(0);
    expect(ALLOWED.flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('has permissions of its own, but for the role of API Gateway that the account has once', () => {
    const withPoliciesOfAws = ROLES.filter(({ managed }) => managed.length > 0);
    expect(withPoliciesOfAws.map(({ role }) => role.path)).toEqual(['Api/Api/CloudWatchRole']);
  });

  it('acts on everything only where the service knows no resource', () => {
    const everywhere = ALLOWED.filter(({ resources }) => resources.includes('*'));
    const unheld = everywhere.filter(({ conditions }) => Object.keys(conditions).length === 0);
    expect(new Set(unheld.flatMap(({ actions }) => actions))).toEqual(
      new Set([
        ...['autoscaling:DescribeAutoScalingGroups', 'ecs:DiscoverPollEndpoint'],
        'ecr:GetAuthorizationToken',
        ...['logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery'],
        ...['logs:DeleteLogDelivery', 'logs:ListLogDeliveries', 'logs:PutResourcePolicy'],
        ...['logs:DescribeResourcePolicies', 'logs:DescribeLogGroups'],
      ]),
    );
    const held = everywhere.filter(({ conditions }) => Object.keys(conditions).length > 0);
    expect(new Set(held.flatMap(({ actions }) => actions))).toEqual(new Set(['ecs:ListTasks']));
  });
});

describe('records', () => {
  const onRecords = ALLOWED.filter(({ actions }) => actions.some((each) => each.startsWith('dynamodb:')));
  const patternsOf = ({ conditions }: Permission): readonly string[] =>
    (conditions['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []) as readonly string[];

  it('are reached by partition key alone, which every call must give', () => {
    for (const { who, actions, conditions } of onRecords) {
      expect(conditions, who).toHaveProperty('ForAllValues:StringLike');
      expect(conditions['Null'], who).toEqual({ 'dynamodb:LeadingKeys': 'false' });
      expect(actions, who).not.toContain('dynamodb:Scan');
    }
  });

  it('of API keys are read by the authorizer, and written by nobody here', () => {
    const { pk } = recordKeys.apiKey('0');
    const reach = onRecords.filter((each) =>
      patternsOf(each).some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(pk)),
    );
    expect(reach.map(({ who, actions }) => [who, actions])).toEqual([['authorizer', ['dynamodb:GetItem']]]);
  });
});

describe('objects', () => {
  it('are deleted by those who own their end', () => {
    expect(whoMay('s3:DeleteObject').toSorted()).toEqual([
      ...['files-api', 'lifecycle-intake', 'lifecycle-tell', 'sweeper', 'uploads-api'],
    ]);
  });

  it.each(AGENTS)('of inputs and outputs are nothing to %s', (agent) => {
    const keys = ALLOWED.filter(({ who, actions }) => who === agent && actions.includes('s3:GetObject'))
      .flatMap(({ resources }) => resources)
      .filter((resource) => resource.startsWith('<StoreBucket'));
    expect(keys.map((key) => key.replace(/^<[^>]+>/, '')).toSorted()).toEqual([
      '/runs/*/*/segments/*',
      '/runs/*/*/shards/*',
    ]);
  });
});

describe('a whole bucket', () => {
  it('is listed by those who must be told that an object is absent, and by the sweeper', () => {
    const listing = ALLOWED.filter(
      ({ actions, conditions }) => actions.includes('s3:ListBucket') && Object.keys(conditions).length === 0,
    );
    const listed = (bucket: string) =>
      listing.filter(({ resources }) => resources.some((each) => each.startsWith(`<${bucket}`)));
    expect(listed('Store').map(({ who }) => who)).toEqual([
      ...['batches-api', 'files-api', 'lifecycle-close', 'lifecycle-finalize', 'lifecycle-intake'],
      ...['sweeper', 'uploads-api'],
    ]);
    expect(listed('Models').map(({ who }) => who)).toEqual(AGENTS);
    expect(listing).toHaveLength(9);
  });
});

describe('one role alone', () => {
  it.each([
    ['ecs:RunTask', ['scheduler-act']],
    ['iam:PassRole', ['scheduler-act']],
    ['autoscaling:SetDesiredCapacity', ['instance-keeper']],
    ['autoscaling:TerminateInstanceInAutoScalingGroup', ['instance-keeper']],
    ['events:PutEvents', ['lifecycle-tell']],
    ['lambda:InvokeFunction', ['Lifecycle/Machine', 'Scheduler/Machine']],
  ])('may %s, or as few as can be', (action, who) => {
    expect(whoMay(action)).toEqual(who);
  });
});
