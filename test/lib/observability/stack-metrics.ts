import type { Template } from 'aws-cdk-lib/assertions';

/** A metric that an alarm or a dashboard names. */
export interface NamedMetric {
  readonly namespace: string;
  readonly name: string;
  /** References as `<logical id>` or `<logical id.attribute>`. */
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface NamedAlarm extends NamedMetric {
  readonly id: string;
  readonly description: string;
  readonly statistic: string;
  readonly threshold: number;
  readonly operator: string;
  readonly periodSeconds: number;
  /** In a row that must be beyond the threshold. */
  readonly periods: number;
  /** What a period without a value counts as. */
  readonly missing: string;
}

type Value = string | { readonly Ref?: string; readonly 'Fn::GetAtt'?: readonly string[] };
const textOf = (value: Value): string =>
  typeof value === 'string' ? value : `<${value.Ref ?? value['Fn::GetAtt']?.join('.')}>`;

export function alarmsOf(template: Template): readonly NamedAlarm[] {
  return Object.entries(template.findResources('AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => ({
    id,
    namespace: Properties.Namespace,
    name: Properties.MetricName,
    dimensions: Object.fromEntries(
      (Properties.Dimensions as readonly { readonly Name: string; readonly Value: Value }[]).map(
        ({ Name, Value }) => [Name, textOf(Value)],
      ),
    ),
    description: Properties.AlarmDescription,
    statistic: Properties.Statistic,
    threshold: Properties.Threshold,
    operator: Properties.ComparisonOperator,
    periodSeconds: Properties.Period,
    periods: Properties.EvaluationPeriods,
    missing: Properties.TreatMissingData,
  }));
}

interface Body {
  readonly widgets: readonly { readonly properties: { readonly metrics: readonly (readonly unknown[])[] } }[];
}

/** The metrics of each dashboard, those that only formulas use too. */
export function dashboardsOf(template: Template): readonly (readonly NamedMetric[])[] {
  return Object.values(template.findResources('AWS::CloudWatch::Dashboard')).map(({ Properties }) => {
    const parts = Properties.DashboardBody['Fn::Join'][1] as readonly Value[];
    const { widgets } = JSON.parse(parts.map(textOf).join('')) as Body;
    const rows = widgets.flatMap(({ properties }) => properties.metrics);
    return rows.flatMap((row) => {
      const [namespace, name, ...rest] = row.filter((each) => typeof each === 'string');
      return namespace === undefined || name === undefined
        ? []
        : [{ namespace, name, dimensions: pairs(rest) }];
    });
  });
}

const pairs = (flat: readonly string[]): Record<string, string> =>
  Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : [])));
