import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { synthesized } from '../synthesized.ts';

const dev = synthesized('dev');

interface Query {
  readonly QueryString: string;
  readonly LogGroupNames: readonly unknown[];
}
const queries: readonly Query[] = Object.values(dev.findResources('AWS::Logs::QueryDefinition')).map(
  ({ Properties }) => Properties,
);

describe('saved queries', () => {
  it('go through every log of the stack, of which Logs Insights takes fifty', () => {
    const groups = Object.keys(dev.findResources('AWS::Logs::LogGroup')).sort();
    expect(groups.length).toBeLessThanOrEqual(50);
    expect(queries.length).toBeGreaterThan(0);
    for (const { LogGroupNames } of queries) {
      expect(LogGroupNames.map((name) => (name as { readonly Ref: string }).Ref).sort()).toEqual(groups);
    }
  });

  it('find a Batch by its id wherever a line names it', () => {
    expect(queries.map(({ QueryString }) => QueryString)).toContainEqual(
      expect.stringContaining('filter @message like "batch_…"'),
    );
  });
});

describe('the budget', () => {
  it('is none where the profile has none', () => {
    dev.resourceCountIs('AWS::Budgets::Budget', 0);
  });

  it('counts what bears the tag, and mails before it is spent', () => {
    const profile = { alarmEmail: 'oncall@example.com', monthlyBudgetUsd: 300 };
    synthesized('dev', profile).hasResourceProperties('AWS::Budgets::Budget', {
      Budget: {
        BudgetLimit: { Amount: 300, Unit: 'USD' },
        CostFilters: { TagKeyValue: ['user:application$slackline'] },
      },
      NotificationsWithSubscribers: Match.arrayWith([
        {
          Notification: Match.objectLike({ NotificationType: 'ACTUAL', Threshold: 80 }),
          Subscribers: [{ SubscriptionType: 'EMAIL', Address: 'oncall@example.com' }],
        },
      ]),
    });
  });
});
