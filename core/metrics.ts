/** Of all that Slackline measures itself. */
export const METRICS_NAMESPACE = 'Slackline';

/** Every metric with its CloudWatch unit; functions, Tasks, dashboards and alarms name no other. */
export const METRICS = {
  UnreadableSegments: 'Count',
} as const satisfies Readonly<Record<string, MetricUnit>>;

export type MetricUnit =
  | 'Bytes'
  | 'Bytes/Second'
  | 'Count'
  | 'Count/Second'
  | 'Milliseconds'
  | 'None'
  | 'Percent'
  | 'Seconds';
export type MetricName = keyof typeof METRICS;

/** Dimensions are bounded by what is deployed: never an id of a Batch, a Task or a tenant. */
export interface MetricDimensions {
  readonly fleet?: string;
  readonly capacity?: 'spot' | 'on-demand';
  readonly gpuClass?: string;
}

/** Where measured values go; CloudWatch reads them from the log (embedded metric format). */
export interface Metrics {
  emit(values: Readonly<Partial<Record<MetricName, number>>>, dimensions?: MetricDimensions): void;
}
