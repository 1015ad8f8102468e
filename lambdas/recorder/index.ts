import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { clientLimits } from '../../adapters/aws/client-limits.ts';
import { sfnExecutions } from '../../adapters/aws/executions.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { recordReport } from '../../core/protocol/record-report.ts';
import type { StartPorts } from '../../core/protocol/start-execution.ts';
import { sqsHandler } from '../sqs.ts';
import { parseReport } from './report-message.ts';

const env = readEnvironment(process.env, ['TABLE_NAME', 'LIFECYCLE_MACHINE_ARN', 'SCHEDULER_MACHINE_ARN']);

const ports: StartPorts = {
  records: dynamoRecords(new DynamoDBClient(clientLimits.records), env.TABLE_NAME),
  executions: sfnExecutions(new SFNClient(clientLimits.executions), {
    'batch-lifecycle': env.LIFECYCLE_MACHINE_ARN,
    'fleet-scheduler': env.SCHEDULER_MACHINE_ARN,
  }),
  clock: { nowMs: Date.now },
};

export const handler = sqsHandler(async (body, log) => {
  const report = parseReport(body);
  const { batchId, number: shard } = report.shard;
  const result = await recordReport(ports, report);
  log('report', { batchId, shard, fence: report.fence, seq: report.seq, result });
});
