import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { sfnExecutions } from '../../adapters/aws/executions.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { lifecycleWaitInput, parseRounds } from '../lifecycle-input.ts';
import { stepHandler } from '../step.ts';
import { wait } from './handler.ts';

const env = readEnvironment(process.env, ['TABLE_NAME', 'LIFECYCLE_ROUNDS_SECONDS']);

export const handler = stepHandler(
  wait({
    records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
    executions: sfnExecutions(new SFNClient(), {}),
    clock: { nowMs: Date.now },
    rounds: parseRounds(env.LIFECYCLE_ROUNDS_SECONDS),
  }),
  { schema: lifecycleWaitInput, logger: new Logger({ serviceName: 'lifecycle-wait' }) },
);
