import { Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import {
  keptBy,
  METRICS,
  type MetricDimensions,
  type MetricName,
  type Metrics,
  type MetricValues,
} from '../../core/metrics.ts';

export type MetricsEnvironment = Readonly<Record<'METRICS_NAMESPACE' | 'VERSION', string>>;

/**
 * Writes measured values into the log of a function or a Task in CloudWatch's embedded metric format, one line each
 * time. The service is a dimension of each metric. The version is a field beside them: as a dimension, each deployment
 * would begin every metric anew, and alarms on the old ones would see nothing.
 */
export function emfMetrics(
  serviceName: string,
  { METRICS_NAMESPACE: namespace, VERSION: version }: MetricsEnvironment,
  write: (line: string) => void = writeToLog,
): Metrics {
  return {
    emit(values, dimensions = {}) {
      const metrics = new PowertoolsMetrics({ namespace, serviceName });
      metrics.addDimensions({ ...dimensions });
      metrics.addMetadata('version', version);
      for (const name of namesOf(values)) metrics.addMetric(name, METRICS[name].unit, values[name] ?? 0);
      const { _aws, ...fields } = metrics.serializeMetrics();
      // Powertools knows one directive a line, which keeps all of its values under all of its dimensions.
      const CloudWatchMetrics = directives(values, dimensions).map((of) => ({ Namespace: namespace, ...of }));
      const head = CloudWatchMetrics.length === 0 ? {} : { _aws: { ..._aws, CloudWatchMetrics } };
      write(JSON.stringify({ ...head, ...fields }));
    },
  };
}

const namesOf = (values: MetricValues): MetricName[] => Object.keys(values) as MetricName[];

/** One for all metrics that are kept by the same sets of dimensions. What none names is a field and no metric. */
function directives(values: MetricValues, dimensions: MetricDimensions) {
  const bySets = Map.groupBy(namesOf(values), (name) =>
    JSON.stringify(keptBy(name, dimensions).map((set) => ['service', ...set])),
  );
  return [...bySets]
    .map(([sets, names]) => ({
      Dimensions: JSON.parse(sets) as readonly (readonly string[])[],
      Metrics: names.map((Name) => ({ Name, Unit: METRICS[Name].unit })),
    }))
    .filter(({ Dimensions }) => Dimensions.length > 0);
}

const writeToLog = (line: string): void => void process.stdout.write(`${line}\n`);
