import { emfMetrics } from '../../../adapters/observability/emf-metrics.ts';
import { type Metrics, metricsNamespace } from '../../../core/metrics.ts';
import type { Clock } from '../../../core/ports.ts';

/** One value of one metric, as CloudWatch reads it from a line of log. */
export interface Datum {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly atMs: number;
}

export interface BufferedMetrics extends Metrics {
  /** From now on values come at the instants of this clock. @default - all at 0 */
  follow(clock: Clock): void;
}

interface EmfLine {
  /** Absent where a line has no metric. */
  readonly _aws?: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [field: string]: unknown;
}

/** The embedded metric format: each metric of a directive once for each of its dimension sets. */
export function dataIn(line: string, atMs: number): readonly Datum[] {
  const emf = JSON.parse(line) as EmfLine;
  const directives = emf._aws?.CloudWatchMetrics ?? [];
  return directives.flatMap(({ Namespace: namespace, Dimensions, Metrics: metrics }) =>
    Dimensions.flatMap((names) =>
      metrics.map(({ Name: name }) => ({
        namespace,
        name,
        dimensions: Object.fromEntries(names.map((each) => [each, String(emf[each])])),
        value: Number(emf[name]),
        atMs,
      })),
    ),
  );
}

/** Of the stack of the profile dev. */
export const NAMESPACE = metricsNamespace('Slackline');

/** Metrics of a service as it writes them, into a buffer instead of its log. */
export function bufferedMetrics(service: string): {
  readonly metrics: BufferedMetrics;
  readonly data: readonly Datum[];
} {
  const data: Datum[] = [];
  let clock: Clock = { nowMs: () => 0 };
  const { emit } = emfMetrics(
    service,
    { VERSION: '1.2.3', METRICS_NAMESPACE: NAMESPACE },
    (line) => void data.push(...dataIn(line, clock.nowMs())),
  );
  const follow = (followed: Clock): void => {
    clock = followed;
  };
  return { metrics: { emit, follow }, data };
}
