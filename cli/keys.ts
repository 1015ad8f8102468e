import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoRecords } from '../adapters/aws/records.ts';
import { dynamoTable } from '../adapters/aws/whole-table.ts';
import { keysProgram } from './keys-program.ts';
import { standardStreams } from './run-program.ts';

const keys = keysProgram({
  records: (tableName) => dynamoRecords(new DynamoDBClient(), tableName),
  table: (tableName) => dynamoTable(new DynamoDBClient(), tableName),
  clock: { nowMs: Date.now },
  defaultTable: process.env['TABLE_NAME'],
  ...standardStreams,
});

process.exitCode = await keys(process.argv.slice(2));
