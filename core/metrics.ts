/** Of all that Slackline measures itself. */
export const METRICS_NAMESPACE = 'Slackline';

/** Every metric with its CloudWatch unit; functions, Tasks, dashboards and alarms name no other. */
export const METRICS = {
  UnreadableSegments: 'Count',
  // Of a Fleet, each time that its loop plans.
  /** Of the tightest Deadline if only on-demand Tasks worked, all of them; nothing without open work or such Tasks. */
  SlackSeconds: 'Seconds',
  OpenBatches: 'Count',
  /** Not done by their Deadline with the spot Tasks that there are and all on-demand ones. */
  AtRiskBatches: 'Count',
  OpenShards: 'Count',
  TasksWanted: 'Count',
  TasksStarting: 'Count',
  TasksRunning: 'Count',
  /** What the plan reckons with; the Tasks' own TokensIn and TokensOut show what comes of it. */
  TaskTokensPerSecond: 'Count/Second',
  /** US dollars that the Tasks have cost since the plan before, at the catalogue's prices. */
  EstimatedUsd: 'None',
  // Of Batches, as they come and end; the files' lines where there are files.
  BatchesCreated: 'Count',
  BatchesCompleted: 'Count',
  BatchesFailed: 'Count',
  BatchesExpired: 'Count',
  BatchesCancelled: 'Count',
  /** From the end of a Batch to its Deadline; negative where it ended later. */
  BatchMarginSeconds: 'Seconds',
  LinesCompleted: 'Count',
  LinesFailed: 'Count',
  // Each time that the sweeper finds open Batches.
  BatchesValidating: 'Count',
  BatchesEnrolled: 'Count',
  BatchesClosing: 'Count',
  /** Since the last plan of the Fleet whose open work has waited longest for one. */
  OldestLoopTurnSeconds: 'Seconds',
  /** Started anew. */
  StaleLoops: 'Count',
  RevivedLifecycles: 'Count',
  // As EC2 and Auto Scaling tell it.
  LaunchFailures: 'Count',
  // Of a GPU task, once it is ready.
  ColdStart: 'Milliseconds',
  ColdStartInstance: 'Milliseconds',
  ColdStartImage: 'Milliseconds',
  ColdStartAgent: 'Milliseconds',
  ColdStartEngine: 'Milliseconds',
  ColdStartWeights: 'Milliseconds',
  ColdStartCompile: 'Milliseconds',
  ColdStartFirstToken: 'Milliseconds',
  // Of a GPU task, each minute.
  TokensIn: 'Count',
  TokensOut: 'Count',
  RequestsFinished: 'Count',
  RequestsRetried: 'Count',
  RequestsRunning: 'Count',
  RequestsWaiting: 'Count',
  KvCacheUsage: 'Percent',
  Preemptions: 'Count',
  PrefixCacheHitRate: 'Percent',
  SegmentsStored: 'Count',
  EventLoopLag: 'Milliseconds',
  Interruptions: 'Count',
  EngineDeaths: 'Count',
  GpuErrors: 'Count',
  GpuMemoryUsed: 'Percent',
  /** Degrees Celsius. */
  GpuTemperature: 'None',
  GpuUtilization: 'Percent',
  /** Watts. */
  GpuPower: 'None',
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
export type MetricValues = Readonly<Partial<Record<MetricName, number>>>;

/** Dimensions are bounded by what is deployed: never an id of a Batch, a Task or a tenant. */
export interface MetricDimensions {
  readonly fleet?: string;
  readonly capacity?: 'spot' | 'on-demand';
  readonly gpuClass?: string;
}

type Totals = Readonly<Partial<Record<MetricName, readonly (readonly (keyof MetricDimensions)[])[]>>>;

/**
 * Metrics that are kept a second time, by these dimensions alone: an alarm looks at one metric, and dashboards have
 * no room for each Fleet on each purchase option.
 */
export const TOTALS: Totals = {
  SlackSeconds: [[]],
  AtRiskBatches: [[]],
  EstimatedUsd: [['fleet'], ['capacity']],
  LaunchFailures: [[]],
  TokensIn: [['fleet']],
  TokensOut: [['fleet']],
  GpuErrors: [[]],
  GpuTemperature: [[]],
};

/** Where measured values go; CloudWatch reads them from the log (embedded metric format). */
export interface Metrics {
  emit(values: MetricValues, dimensions?: MetricDimensions): void;
}
