import { setTimeout } from 'node:timers/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { sfnExecutions } from '../adapters/aws/executions.ts';
import { s3ObjectVersions } from '../adapters/aws/object-versions.ts';
import { dynamoRecords } from '../adapters/aws/records.ts';
import { stackOutput } from '../adapters/aws/stack-outputs.ts';
import { dynamoTable } from '../adapters/aws/whole-table.ts';
import { standardStreams } from './run-program.ts';
import { tenantsProgram } from './tenants-program.ts';

const { TABLE_NAME: table = '', BUCKET_NAME: bucket = '' } = process.env;

const tenants = tenantsProgram({
  open: (names) => {
    const dynamodb = new DynamoDBClient();
    return {
      records: dynamoRecords(dynamodb, names.table),
      table: dynamoTable(dynamodb, names.table),
      versions: s3ObjectVersions(new S3Client(), names.bucket),
      executions: sfnExecutions(new SFNClient(), {}),
    };
  },
  stackOutput: (stack, output) => stackOutput(new CloudFormationClient(), stack, output),
  defaults: { table, bucket },
  clock: { nowMs: Date.now },
  pause: (ms) => setTimeout(ms),
  ...standardStreams,
});

process.exitCode = await tenants(process.argv.slice(2));
