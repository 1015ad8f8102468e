import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { ObservabilityProps } from './observability.ts';

/** What callers of the API see. */
export class ApiDashboard extends Construct {
  constructor(scope: Construct, id: string, { api, functions }: ObservabilityProps) {
    super(scope, id);
    const behind = Object.values(functions.api);
    const dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.hours(12) });
    dashboard.addWidgets(
      graph('Requests; batches created', [api.metricRequests()], [api.metricBatchesCreated()]),
      graph('Refused (4xx) and failed (5xx)', [api.metricClientErrors(), api.metricServerErrors()]),
      graph('Latency (ms), half and 99 of 100 requests', api.metricsLatency()),
    );
    dashboard.addWidgets(
      graph(
        'Function errors',
        behind.map((fn) => fn.metricErrors()),
      ),
      graph(
        'Function time (ms), 99 of 100 calls',
        behind.map((fn) => fn.metricDuration({ statistic: 'p99' })),
      ),
      graph(
        'Throttled calls',
        behind.map((fn) => fn.metricThrottles()),
      ),
    );
  }
}

const graph = (title: string, left: readonly IMetric[], right: readonly IMetric[] = []): GraphWidget =>
  new GraphWidget({ title, left: [...left], right: [...right], width: 8 });
