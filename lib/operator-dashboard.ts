import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  type Metric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Fleet } from '../core/fleet/catalogue.ts';
import type { Capacity } from '../core/fleet/task.ts';
import type { ObservabilityProps } from './observability.ts';

/** Three of them are free, each with up to 50 metrics. */
export class OperatorDashboard extends Construct {
  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.hours(12) });
    dashboard.addWidgets(...batchWidgets(props));
    dashboard.addWidgets(...taskWidgets(props));
    dashboard.addWidgets(...workWidgets(props));
    dashboard.addWidgets(...machineryWidgets(props));
  }
}

const WIDTH = 8;
const graph = (title: string, left: readonly IMetric[], right: readonly IMetric[] = []): GraphWidget =>
  new GraphWidget({ title, left: [...left], right: [...right], width: WIDTH });

function batchWidgets({ fleets, scheduler, consumers, lifecycle }: ObservabilityProps): GraphWidget[] {
  const slack = fleets.map(({ id }) => scheduler.metricSlack(id));
  const atRisk = fleets.map(({ id }) => scheduler.metricAtRisk(id));
  return [
    graph('SLA slack (s); at-risk batches', slack, atRisk),
    graph('Open batches by state', consumers.metricsOpenBatches()),
    graph('Ended batches; time left to the deadline (s)', lifecycle.metricsEnded(), [
      lifecycle.metricMargin(),
    ]),
  ];
}

function taskWidgets({ fleets, scheduler, consumers, gpu }: ObservabilityProps): GraphWidget[] {
  const ofEach = (of: (fleetId: string, capacity: Capacity) => IMetric): IMetric[] =>
    fleets.flatMap((fleet) => capacitiesOf(fleet).map((capacity) => of(fleet.id, capacity)));
  return [
    graph('Tasks by provider: running', ofEach(scheduler.metricTasksRunning.bind(scheduler))),
    graph('Tasks by provider: wanted', ofEach(scheduler.metricTasksWanted.bind(scheduler))),
    graph('Interruptions and launch failures', [
      consumers.metricInterruptions(),
      consumers.metricLaunchFailures(),
    ]),
    graph('GPU use (%)', ofEach(gpu.metricGpuUse.bind(gpu))),
  ];
}

function workWidgets({ fleets, scheduler, gpu, lifecycle }: ObservabilityProps): GraphWidget[] {
  const hour = Duration.hours(1);
  const perSecond = fleets.map(({ id }, i) =>
    math('(in + out) / PERIOD(in)', i, {
      label: id,
      metrics: { in: gpu.metricTokensIn(id), out: gpu.metricTokensOut(id) },
    }),
  );
  const perHour = (['spot', 'on-demand'] as const).map((capacity, i) =>
    math('usd / PERIOD(usd) * 3600', i, {
      label: capacity,
      metrics: { usd: scheduler.metricCost({ capacity }, Duration.minutes(15)) },
    }),
  );
  const perMillion = fleets.map(({ id }, i) => {
    const tokens = { in: gpu.metricTokensIn(id, hour), out: gpu.metricTokensOut(id, hour) };
    const metrics = { usd: scheduler.metricCost({ fleet: id }, hour), ...tokens };
    return math('usd / (in + out) * 1000000', i, { label: id, metrics });
  });
  return [
    graph('Tokens a second', perSecond),
    graph('Cost an hour (USD)', perHour),
    graph('Cost of a million tokens (USD)', perMillion),
    graph('Lines in result files', lifecycle.metricsLines()),
  ];
}

interface Formula {
  readonly label: string;
  /** By their names in the formula. */
  readonly metrics: Readonly<Record<string, Metric>>;
}

/** The `nth` formula of its graph: metrics of one graph must not share a name. */
function math(formula: string, nth: number, { label, metrics }: Formula): MathExpression {
  const named = Object.entries(metrics);
  const expression = named.reduce(
    (text, [name]) => text.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), `${name}${nth}`),
    formula,
  );
  const usingMetrics = Object.fromEntries(named.map(([name, metric]) => [`${name}${nth}`, metric]));
  const period = named[0]?.[1].period;
  return new MathExpression({ expression, usingMetrics, label, ...(period && { period }) });
}

function machineryWidgets({ queues, lifecycle, scheduler, consumers }: ObservabilityProps): GraphWidget[] {
  const [reports, signals] = [queues.reports, queues.signals];
  return [
    graph(
      'Age of the oldest message (s); messages set aside',
      [reports, signals].map(({ queue }) => queue.metricApproximateAgeOfOldestMessage()),
      [reports, signals].map(({ deadLetters }) => deadLetters.metricApproximateNumberOfMessagesVisible()),
    ),
    graph(
      'Longest without a plan (s); revived',
      [consumers.metricOldestLoopTurn()],
      consumers.metricsRevived(),
    ),
    graph('Failed executions', [lifecycle.machine.metricFailed(), scheduler.machine.metricFailed()]),
  ];
}

const capacitiesOf = ({ maxTasks }: Fleet): readonly Capacity[] => [
  ...(maxTasks.spot > 0 ? (['spot'] as const) : []),
  ...(maxTasks.onDemand > 0 ? (['on-demand'] as const) : []),
];
