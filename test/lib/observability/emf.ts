import { emfMetrics } from '../../../adapters/observability/emf-metrics.ts';
import type { Metrics } from '../../../core/metrics.ts';

/** One value of one metric, as CloudWatch reads it from a line of log. */
export interface Datum {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

interface EmfLine {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [field: string]: unknown;
}

/** The embedded metric format: each metric of a directive once for each of its dimension sets. */
export function dataIn(line: string): readonly Datum[] {
  const emf = JSON.parse(line) as EmfLine;
  return emf._aws.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics: metrics }) =>
    Dimensions.flatMap((names) =>
      metrics.map(({ Name: name }) => ({
        namespace,
        name,
        dimensions: Object.fromEntries(names.map((each) => [each, String(emf[each])])),
        value: Number(emf[name]),
      })),
    ),
  );
}

/** Metrics of a service as it writes them, into a buffer instead of its log. */
export function bufferedMetrics(service: string): {
  readonly metrics: Metrics;
  readonly data: () => Datum[];
} {
  const lines: string[] = [];
  return {
    metrics: emfMetrics(service, '1.2.3', (line) => void lines.push(line)),
    data: () => lines.flatMap(dataIn),
  };
}
