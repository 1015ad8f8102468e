import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { s3Objects } from '../../adapters/aws/objects.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { emfMetrics } from '../../adapters/observability/emf-metrics.ts';
import { retentionSchema } from '../../core/retention/retention.ts';
import { lifecycleInput } from '../lifecycle-input.ts';
import { stepHandler } from '../step.ts';
import { finalize } from './handler.ts';

const env = readEnvironment(process.env, [
  'TABLE_NAME',
  'BUCKET_NAME',
  'RETENTION',
  'VERSION',
  'METRICS_NAMESPACE',
]);
const logger = new Logger({ serviceName: 'lifecycle-finalize' });

export const handler = stepHandler(
  finalize({
    records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
    objects: s3Objects(new S3Client(), env.BUCKET_NAME),
    clock: { nowMs: Date.now },
    retention: retentionSchema.parse(JSON.parse(env.RETENTION)),
    metrics: emfMetrics('lifecycle-finalize', env),
    logError: (message, fields) => logger.error(message, { ...fields }),
  }),
  { schema: lifecycleInput, logger },
);
