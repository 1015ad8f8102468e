import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { s3ObjectVersions } from '../adapters/aws/object-versions.ts';
import { s3Objects } from '../adapters/aws/objects.ts';
import { dynamoRecords } from '../adapters/aws/records.ts';
import { stackOutput } from '../adapters/aws/stack-outputs.ts';
import { dynamoTable } from '../adapters/aws/whole-table.ts';
import { backupProgram } from './backup-program.ts';
import { standardStreams } from './run-program.ts';

const { TABLE_NAME: table = '', BUCKET_NAME: bucket = '' } = process.env;

const backup = backupProgram({
  open: (names) => {
    const [dynamodb, s3] = [new DynamoDBClient(), new S3Client()];
    return {
      records: dynamoRecords(dynamodb, names.table),
      table: dynamoTable(dynamodb, names.table),
      objects: s3Objects(s3, names.bucket),
      versions: s3ObjectVersions(s3, names.bucket),
    };
  },
  openTable: (name) => dynamoTable(new DynamoDBClient(), name),
  stackOutput: (stack, output) => stackOutput(new CloudFormationClient(), stack, output),
  defaults: { table, bucket },
  ...standardStreams,
});

process.exitCode = await backup(process.argv.slice(2));
