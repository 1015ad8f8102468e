import { Duration, Stack } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { EnvironmentName } from '../core/environment.ts';
import { isKept, type MetricDimensions, type MetricName, metricsNamespace } from '../core/metrics.ts';

export interface SlacklineMetricProps {
  /** What emits it: a function by its folder in lambdas/, or `gpu-task`. */
  readonly service: string;
  /** @default - none but the service */
  readonly dimensions?: MetricDimensions;
  /** @default - the sum */
  readonly statistic?: 'Sum' | 'Minimum' | 'Maximum' | 'Average';
  /** @default - five minutes */
  readonly period?: Duration;
  /** Of a graph; an alarm's metric must have none. */
  readonly label?: string;
}

const namespaceOf = (scope: Construct): string => metricsNamespace(Stack.of(scope).stackName);

/** For whoever measures. */
export const metricsEnvironment = (scope: Construct): Partial<Record<EnvironmentName, string>> => ({
  METRICS_NAMESPACE: namespaceOf(scope),
});

/** A metric that the stack of a construct measures itself. Throws where CloudWatch has none by these dimensions: it would stay empty. */
export function slacklineMetric(
  scope: Construct,
  metricName: MetricName,
  props: SlacklineMetricProps,
): Metric {
  const { service, dimensions = {}, statistic = Stats.SUM, period = Duration.minutes(5), label } = props;
  if (!isKept(metricName, dimensions)) {
    const names = Object.keys(dimensions).join(' and ') || 'no dimension';
    throw new Error(
      `CloudWatch keeps no ${metricName} by ${names}: look for it in the logs, or add the set to keptBy in core/metrics.ts, for $0.30 a month each.`,
    );
  }
  return new Metric({
    ...{ namespace: namespaceOf(scope), metricName, statistic, period },
    dimensionsMap: { service, ...dimensions },
    ...(label === undefined ? {} : { label }),
  });
}
