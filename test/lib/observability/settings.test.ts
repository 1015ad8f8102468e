import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../core/metrics.ts';
import { synthesized } from '../synthesized.ts';

const dev = synthesized('dev');

interface Query {
  readonly Name: string;
  readonly QueryString: string;
  readonly LogGroupNames: readonly unknown[];
}
const queries: readonly Query[] = Object.values(dev.findResources('AWS::Logs::QueryDefinition')).map(
  ({ Properties }) => Properties,
);

const queryOf = (name: string): string =>
  queries.find(({ Name }) => Name.endsWith(`/${name}`))?.QueryString ?? '';

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

  it('find calls that Lambda itself says have failed, beside what functions say', () => {
    expect(queryOf('errors and warnings').split('\n')).toContain(
      '| filter level in ["ERROR", "CRITICAL", "WARN"] or type like "platform."',
    );
  });

  it('show how the Tasks of each Fleet are doing, by five minutes', () => {
    const lines = queryOf("vitals of a fleet's tasks").split('\n');
    expect(lines[0]).toBe('filter service = "gpu-task"');
    expect(lines[2]).toMatch(
      /^\| stats avg\(RequestsRunning\), .*max\(EventLoopLag\) by fleet, bin\(5m\) as time$/,
    );
  });

  it('show where the time of cold starts goes', () => {
    const query = queryOf('cold starts by phase');
    for (const name of Object.keys(METRICS).filter((each) => each.startsWith('ColdStart'))) {
      expect(query).toContain(`avg(${name})`);
    }
  });

  it('show whatever is measured and no metric', () => {
    const text = queries.map(({ QueryString }) => QueryString).join();
    const fields = Object.entries(METRICS).filter(([, { keptBy }]) => keptBy.length === 0);
    expect(fields.map(([name]) => name).filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual(
      [],
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
        CostFilters: { TagKeyValue: ['user:application$Slackline'] },
      },
      NotificationsWithSubscribers: [
        { type: 'ACTUAL', threshold: 80 },
        { type: 'ACTUAL', threshold: 100 },
        { type: 'FORECASTED', threshold: 100 },
      ].map(({ type, threshold }) => ({
        Notification: {
          ...{ NotificationType: type, Threshold: threshold, ThresholdType: 'PERCENTAGE' },
          ComparisonOperator: 'GREATER_THAN',
        },
        Subscribers: [{ SubscriptionType: 'EMAIL', Address: 'oncall@example.com' }],
      })),
    });
  });
});
