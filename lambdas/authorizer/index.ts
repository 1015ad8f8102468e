import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { authorize } from './handler.ts';

const env = readEnvironment(process.env, ['TABLE_NAME']);

export const handler = authorize({ records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME) });
