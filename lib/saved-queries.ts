import { Stack } from 'aws-cdk-lib';
import { LogGroup, QueryDefinition, QueryString } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** What stands in the first query where a Batch's id belongs. */
export const BATCH_ID_PLACEHOLDER = 'batch_…';

const FIELDS = ['@timestamp', 'service', 'message', 'shard', 'fence', 'segment', 'taskId', 'requestId'];

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
      ],
      filterStatements: ['level in ["ERROR", "CRITICAL", "WARN"]'],
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
