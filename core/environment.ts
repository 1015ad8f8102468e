/** Environment names that the stack sets and functions and Tasks read. One list, so that both stay in sync. */
export const ENVIRONMENT = [
  /** Of what is deployed, `1.2.3` or `1.2.3+<commit>` (core/version.ts). */
  'VERSION',
  /** Of CloudWatch (core/metrics.ts). */
  'METRICS_NAMESPACE',
  'TABLE_NAME',
  'BUCKET_NAME',
  /** Weights, adapters and compiled kernels. */
  'MODEL_BUCKET_NAME',
  'REPORTS_QUEUE_URL',
  /** JSON: queue URL by Fleet id. */
  'DISPATCH_QUEUE_URLS',
  'CLUSTER_ARN',
  /** JSON: task definition ARN by Fleet id. */
  'TASK_DEFINITION_ARNS',
  /** JSON: `{spot, onDemand}` capacity provider names by GPU class id. */
  'CAPACITY_PROVIDERS',
  /** JSON: `{name, gpuClass, capacity}` of each auto scaling group. */
  'AUTO_SCALING_GROUPS',
  /** JSON (core/retention/retention.ts). */
  'RETENTION',
  'LIFECYCLE_MACHINE_ARN',
  'SCHEDULER_MACHINE_ARN',
  'EVENT_BUS_NAME',
  /** JSON: lengths of the three lifecycle rounds in seconds, long, medium, short. */
  'LIFECYCLE_ROUNDS_SECONDS',
  /** JSON: lengths of the three waits of the loop in seconds, long, medium, short. */
  'LOOP_WAITS_SECONDS',
  /** The Task's own Fleet, JSON (core/fleet/catalogue.ts). */
  'FLEET',
  /** `spot` or `on-demand`; set by RunTask. */
  'CAPACITY',
  'DISPATCH_QUEUE_URL',
] as const;

export type EnvironmentName = (typeof ENVIRONMENT)[number];
