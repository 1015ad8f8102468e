import { Stack } from 'aws-cdk-lib';
import { LogGroup, QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { MetricName } from '../core/metrics.ts';

/** What stands in the first query where a Batch's id belongs. */
export const BATCH_ID_PLACEHOLDER = 'batch_…';

const FIELDS = ['@timestamp', 'service', 'message', 'shard', 'fence', 'segment', 'taskId', 'requestId'];

type Statistics = Readonly<Partial<Record<'avg' | 'max' | 'sum', readonly MetricName[]>>>;

const OF_PLAN: readonly MetricName[] = [
  ...(['SlackSeconds', 'OpenBatches', 'AtRiskBatches', 'OpenShards', 'TaskTokensPerSecond'] as const),
  ...(['TasksWanted', 'TasksStarting', 'TasksRunning', 'EstimatedUsd'] as const),
];

const VITALS: Statistics = {
  avg: [
    'RequestsRunning',
    'RequestsWaiting',
    'KvCacheUsage',
    'PrefixCacheHitRate',
    'GpuUtilization',
    'GpuPower',
  ],
  sum: [
    'RequestsFinished',
    'RequestsRetried',
    'Preemptions',
    'SegmentsStored',
    'EngineDeaths',
    'InterruptionNotices',
  ],
  max: ['GpuMemoryUsed', 'GpuTemperature', 'EventLoopLag'],
};

const COLD_START: Statistics = {
  max: ['ColdStart'],
  avg: [
    ...(['ColdStart', 'ColdStartInstance', 'ColdStartImage', 'ColdStartAgent', 'ColdStartEngine'] as const),
    ...(['ColdStartWeights', 'ColdStartWarmUp', 'ColdStartCompile', 'ColdStartGraphs'] as const),
    'ColdStartFirstToken',
  ],
};

const statistics = (of: Statistics): string =>
  Object.entries(of)
    .flatMap(([statistic, names]) => names.map((name) => `${statistic}(${name})`))
    .join(', ');

/** CloudWatch Logs Insights queries over every log of the stack; kept ones cost nothing, runs cost by the gigabyte. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.add('Batch', 'everything about a batch', {
      fields: [...FIELDS, '@message'],
      filterStatements: [`@message like "${BATCH_ID_PLACEHOLDER}"`],
      sort: '@timestamp asc',
    });
    this.add('Errors', 'errors and warnings', {
      fields: [
        '@timestamp',
        'service',
        'level',
        'message',
        'batchId',
        'fleetId',
        'requestId',
        'error.message',
        'type',
        'record.requestId',
        'record.status',
      ],
      // Lambda itself writes nothing but of calls that failed, and gives that no level.
      filterStatements: ['level in ["ERROR", "CRITICAL", "WARN"] or type like "platform."'],
      sort: '@timestamp desc',
    });
    this.add('SlowRequests', 'slow requests', {
      fields: ['@timestamp', 'requestId', 'tenant', 'method', 'route', 'status', 'latencyMs'],
      filterStatements: ['ispresent(latencyMs)', 'latencyMs > 1000'],
      sort: 'latencyMs desc',
    });
    this.add('Attempts', 'attempts that were lost or given back', {
      fields: ['@timestamp', 'taskId', 'batchId', 'shard', 'fence', 'message', 'why', 'reason'],
      filterStatements: ['service = "gpu-task"', 'level = "WARN"'],
      sort: '@timestamp desc',
    });
    this.addMeasured();
  }

  /** What is measured and no metric: CloudWatch has it in the lines alone. */
  private addMeasured(): void {
    this.add('Plans', 'plans of the fleets', {
      fields: ['@timestamp', 'fleet', 'capacity', ...OF_PLAN],
      filterStatements: ['service = "scheduler-plan"', 'ispresent(OpenShards) or ispresent(TasksWanted)'],
      sort: '@timestamp desc',
    });
    this.add('Vitals', "vitals of a fleet's tasks", {
      filterStatements: ['service = "gpu-task"', 'ispresent(EventLoopLag)'],
      statsStatements: [`${statistics(VITALS)} by fleet, bin(5m) as time`],
      sort: 'time desc',
    });
    this.add('ColdStarts', 'cold starts by phase', {
      filterStatements: ['service = "gpu-task"', 'ispresent(ColdStart)'],
      statsStatements: [`count(*), ${statistics(COLD_START)} by fleet, capacity`],
    });
  }

  private add(id: string, name: string, query: ConstructorParameters<typeof QueryString>[0]): void {
    const stack = Stack.of(this);
    new QueryDefinition(this, id, {
      queryDefinitionName: `${stack.stackName}/${name}`,
      queryString: new QueryString({ ...query, limit: 1000 }),
      logGroups: stack.node.findAll().filter((each) => each instanceof LogGroup),
    });
  }
}
