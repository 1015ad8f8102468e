import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { sfnExecutions } from '../../adapters/aws/executions.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { schedulerInput } from '../scheduler-input.ts';
import { stepHandler } from '../step.ts';
import { waitScheduler } from './handler.ts';

const env = readEnvironment(process.env, ['TABLE_NAME', 'SCHEDULER_MACHINE_ARN']);

const schema = schedulerInput.extend({
  wakeSeqSeen: z.number().int().nonnegative(),
  // An execution that an earlier release started does not say it.
  settlesUntilPlan: z.number().int().positive().default(1),
  taskToken: z.string().min(1),
});

export const handler = stepHandler(
  waitScheduler({
    records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
    executions: sfnExecutions(new SFNClient(), { 'fleet-scheduler': env.SCHEDULER_MACHINE_ARN }),
  }),
  { schema },
);
