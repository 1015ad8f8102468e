import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { schedulerInput } from '../scheduler-input.ts';
import { stepHandler } from '../step.ts';
import { stopScheduler } from './handler.ts';

const env = readEnvironment(process.env, ['TABLE_NAME']);

export const handler = stepHandler(
  stopScheduler({ records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME) }),
  { schema: schedulerInput.extend({ wakeSeqSeen: z.number().int().nonnegative() }) },
);
