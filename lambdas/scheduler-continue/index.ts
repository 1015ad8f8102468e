import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { sfnExecutions } from '../../adapters/aws/executions.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { schedulerInput } from '../scheduler-input.ts';
import { stepHandler } from '../step.ts';
import { continueScheduler } from './handler.ts';

const env = readEnvironment(process.env, ['TABLE_NAME', 'SCHEDULER_MACHINE_ARN']);

export const handler = stepHandler(
  continueScheduler({
    records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
    executions: sfnExecutions(new SFNClient(), { 'fleet-scheduler': env.SCHEDULER_MACHINE_ARN }),
    clock: { nowMs: Date.now },
  }),
  { schema: schedulerInput },
);
