import { Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import { METRICS, METRICS_NAMESPACE, type MetricName, type Metrics } from '../../core/metrics.ts';

/**
 * Writes metrics into the log of a function or a Task in CloudWatch's embedded metric format, one line each time.
 * The service is a dimension of each.
 */
export function emfMetrics(serviceName: string, write: (line: string) => void = writeToLog): Metrics {
  return {
    emit(values, dimensions = {}) {
      const metrics = new PowertoolsMetrics({ namespace: METRICS_NAMESPACE, serviceName });
      metrics.addDimensions({ ...dimensions });
      for (const [name, value] of Object.entries(values)) {
        metrics.addMetric(name, METRICS[name as MetricName], value);
      }
      write(JSON.stringify(metrics.serializeMetrics()));
    },
  };
}

const writeToLog = (line: string): void => void process.stdout.write(`${line}\n`);
