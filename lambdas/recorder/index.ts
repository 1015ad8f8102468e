import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { sfnExecutions } from '../../adapters/aws/executions.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { sqsHandler } from '../sqs.ts';
import { recordOne } from './handler.ts';
import { parseReport } from './report-message.ts';

const env = readEnvironment(process.env, ['TABLE_NAME', 'LIFECYCLE_MACHINE_ARN', 'SCHEDULER_MACHINE_ARN']);

const record = recordOne({
  records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
  executions: sfnExecutions(new SFNClient(), {
    'batch-lifecycle': env.LIFECYCLE_MACHINE_ARN,
    'fleet-scheduler': env.SCHEDULER_MACHINE_ARN,
  }),
  clock: { nowMs: Date.now },
});

export const handler = sqsHandler(async (body, log) => {
  const report = parseReport(body);
  const { batchId, number: shard } = report.shard;
  const result = await record(report);
  log('report', { batchId, shard, fence: report.fence, seq: report.seq, result });
});
