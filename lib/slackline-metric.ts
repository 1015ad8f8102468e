import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS_NAMESPACE, type MetricDimensions, type MetricName } from '../core/metrics.ts';

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

/** A metric that Slackline measures itself. */
export function slacklineMetric(metricName: MetricName, props: SlacklineMetricProps): Metric {
  const { service, dimensions, statistic = Stats.SUM, period = Duration.minutes(5), label } = props;
  return new Metric({
    ...{ namespace: METRICS_NAMESPACE, metricName, statistic, period },
    dimensionsMap: { service, ...dimensions },
    ...(label === undefined ? {} : { label }),
  });
}
