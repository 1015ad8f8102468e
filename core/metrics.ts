/** Of all that a stack measures itself: several may stand in one account and region. */
export const metricsNamespace = (stackName: string): string => `Slackline/${stackName}`;

interface Measure {
  readonly unit: MetricUnit;
  /**
   * Sets of dimensions, beside the service; each is a metric of its own at $0.30 a month. None: a field of its line,
   * for CloudWatch Logs Insights.
   */
  readonly keptBy: readonly (readonly (keyof MetricDimensions)[])[];
}

/** Everything that is measured; functions, Tasks, dashboards and alarms name nothing else. */
export const METRICS = {
  UnreadableSegments: { unit: 'Count', keptBy: [[]] },
  // Of a Fleet, each time that its loop plans.
  /** Of the tightest Deadline if only on-demand Tasks worked, all of them; nothing without open work or such Tasks. */
  SlackSeconds: { unit: 'Seconds', keptBy: [[], ['fleet']] },
  OpenBatches: { unit: 'Count', keptBy: [] },
  /** Not done by their Deadline with the spot Tasks that there are and all on-demand ones. */
  AtRiskBatches: { unit: 'Count', keptBy: [[], ['fleet']] },
  OpenShards: { unit: 'Count', keptBy: [] },
  TasksWanted: { unit: 'Count', keptBy: [['fleet', 'capacity']] },
  TasksStarting: { unit: 'Count', keptBy: [] },
  TasksRunning: { unit: 'Count', keptBy: [['fleet', 'capacity']] },
  /** What the plan reckons with; the Tasks' own TokensIn and TokensOut show what comes of it. */
  TaskTokensPerSecond: { unit: 'Count/Second', keptBy: [] },
  /** US dollars that the Tasks have cost since the plan before, at the catalogue's prices. */
  EstimatedUsd: { unit: 'None', keptBy: [['fleet'], ['capacity']] },
  // Of Batches, as they come and end; the files' lines where there are files.
  BatchesCreated: { unit: 'Count', keptBy: [[]] },
  BatchesCompleted: { unit: 'Count', keptBy: [[]] },
  BatchesFailed: { unit: 'Count', keptBy: [[]] },
  BatchesExpired: { unit: 'Count', keptBy: [[]] },
  BatchesCancelled: { unit: 'Count', keptBy: [[]] },
  /** From the end of a Batch to its Deadline; negative where it ended later. */
  BatchMarginSeconds: { unit: 'Seconds', keptBy: [[]] },
  LinesCompleted: { unit: 'Count', keptBy: [[]] },
  LinesFailed: { unit: 'Count', keptBy: [[]] },
  // Each time that the sweeper finds open Batches.
  BatchesValidating: { unit: 'Count', keptBy: [[]] },
  BatchesEnrolled: { unit: 'Count', keptBy: [[]] },
  BatchesClosing: { unit: 'Count', keptBy: [[]] },
  /** Since the last plan of the Fleet whose open work has waited longest for one. */
  OldestLoopTurnSeconds: { unit: 'Seconds', keptBy: [[]] },
  /** Started anew. */
  StaleLoops: { unit: 'Count', keptBy: [[]] },
  RevivedLifecycles: { unit: 'Count', keptBy: [[]] },
  /** Each time that the clean-up could not delete something, or not look. */
  CleanUpFailures: { unit: 'Count', keptBy: [[]] },
  // As EC2 and Auto Scaling tell it.
  Interruptions: { unit: 'Count', keptBy: [[]] },
  LaunchFailures: { unit: 'Count', keptBy: [[]] },
  // Of a GPU task, once it is ready.
  ColdStart: { unit: 'Milliseconds', keptBy: [['fleet']] },
  ColdStartInstance: { unit: 'Milliseconds', keptBy: [] },
  ColdStartImage: { unit: 'Milliseconds', keptBy: [] },
  ColdStartAgent: { unit: 'Milliseconds', keptBy: [] },
  ColdStartEngine: { unit: 'Milliseconds', keptBy: [] },
  ColdStartWeights: { unit: 'Milliseconds', keptBy: [] },
  ColdStartWarmUp: { unit: 'Milliseconds', keptBy: [] },
  ColdStartCompile: { unit: 'Milliseconds', keptBy: [] },
  ColdStartGraphs: { unit: 'Milliseconds', keptBy: [] },
  ColdStartFirstToken: { unit: 'Milliseconds', keptBy: [] },
  // Of a GPU task, each minute.
  TokensIn: { unit: 'Count', keptBy: [['fleet']] },
  TokensOut: { unit: 'Count', keptBy: [['fleet']] },
  RequestsFinished: { unit: 'Count', keptBy: [] },
  RequestsRetried: { unit: 'Count', keptBy: [] },
  RequestsRunning: { unit: 'Count', keptBy: [] },
  RequestsWaiting: { unit: 'Count', keptBy: [] },
  KvCacheUsage: { unit: 'Percent', keptBy: [] },
  Preemptions: { unit: 'Count', keptBy: [] },
  PrefixCacheHitRate: { unit: 'Percent', keptBy: [] },
  SegmentsStored: { unit: 'Count', keptBy: [] },
  EventLoopLag: { unit: 'Milliseconds', keptBy: [] },
  /** That reached the Task itself; Interruptions counts them all. */
  InterruptionNotices: { unit: 'Count', keptBy: [] },
  EngineDeaths: { unit: 'Count', keptBy: [] },
  GpuErrors: { unit: 'Count', keptBy: [[]] },
  GpuMemoryUsed: { unit: 'Percent', keptBy: [[]] },
  /** Degrees Celsius. */
  GpuTemperature: { unit: 'None', keptBy: [[]] },
  GpuUtilization: { unit: 'Percent', keptBy: [['fleet', 'capacity']] },
  /** Watts. */
  GpuPower: { unit: 'None', keptBy: [] },
} as const satisfies Readonly<Record<string, Measure>>;

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

/** The sets of dimensions under which a value becomes a metric: those of which the line has all dimensions. */
export function keptBy(name: MetricName, dimensions: MetricDimensions): Measure['keptBy'] {
  const { keptBy: sets }: Measure = METRICS[name];
  return sets.filter((set) => set.every((dimension) => dimensions[dimension] !== undefined));
}

/** Whether CloudWatch has a metric of just these dimensions beside the service. */
export function isKept(name: MetricName, dimensions: MetricDimensions): boolean {
  const count = Object.keys(dimensions).length;
  return keptBy(name, dimensions).some((set) => set.length === count);
}

/** Where measured values go; CloudWatch reads them from the log (embedded metric format). */
export interface Metrics {
  emit(values: MetricValues, dimensions?: MetricDimensions): void;
}
