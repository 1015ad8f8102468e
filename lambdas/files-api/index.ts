import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { s3Objects } from '../../adapters/aws/objects.ts';
import { presigningClient, s3Presigner } from '../../adapters/aws/presign.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { retentionSchema } from '../../core/retention/retention.ts';
import { httpHandler } from '../http.ts';
import { filesApi } from './handler.ts';

const env = readEnvironment(process.env, ['TABLE_NAME', 'BUCKET_NAME', 'RETENTION']);

export const handler = httpHandler(
  filesApi({
    records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
    objects: s3Objects(new S3Client(), env.BUCKET_NAME),
    presigner: s3Presigner(presigningClient(), env.BUCKET_NAME),
    clock: { nowMs: Date.now },
    retention: retentionSchema.parse(JSON.parse(env.RETENTION)),
    randomHex: () => randomBytes(10).toString('hex'),
  }),
);
