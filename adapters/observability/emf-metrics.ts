import { Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import {
  METRICS,
  METRICS_NAMESPACE,
  type MetricDimensions,
  type MetricName,
  type Metrics,
  type MetricValues,
  TOTALS,
} from '../../core/metrics.ts';

/**
 * Writes metrics into the log of a function or a Task in CloudWatch's embedded metric format, one line each time.
 * The service is a dimension of each. The version is a field beside them: as a dimension, each deployment would begin
 * every metric anew, and alarms on the old ones would see nothing.
 */
export function emfMetrics(
  serviceName: string,
  version: string,
  write: (line: string) => void = writeToLog,
): Metrics {
  return {
    emit(values, dimensions = {}) {
      const metrics = new PowertoolsMetrics({ namespace: METRICS_NAMESPACE, serviceName });
      metrics.addDimensions({ ...dimensions });
      metrics.addMetadata('version', version);
      for (const name of namesOf(values)) metrics.addMetric(name, METRICS[name], values[name] ?? 0);
      const line = metrics.serializeMetrics();
      line._aws.CloudWatchMetrics.push(...totals(values, dimensions));
      write(JSON.stringify(line));
    },
  };
}

const namesOf = (values: MetricValues): MetricName[] => Object.keys(values) as MetricName[];

/** The same values once more under fewer dimensions; not under the very same, which would count them twice. */
function totals(values: MetricValues, dimensions: MetricDimensions) {
  return namesOf(values).flatMap((name) =>
    (TOTALS[name] ?? [])
      .filter((kept) => kept.length < Object.keys(dimensions).length)
      .map((kept) => ({
        Namespace: METRICS_NAMESPACE,
        Dimensions: [['service', ...kept]] as [string[]],
        Metrics: [{ Name: name, Unit: METRICS[name] }],
      })),
  );
}

const writeToLog = (line: string): void => void process.stdout.write(`${line}\n`);
