import { randomBytes } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { sfnExecutions } from '../../adapters/aws/executions.ts';
import { s3Objects } from '../../adapters/aws/objects.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readCatalogue } from '../../adapters/catalogue.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { emfMetrics } from '../../adapters/observability/emf-metrics.ts';
import { httpHandler } from '../http.ts';
import type { CreateDeps } from './create-batch.ts';
import { batchesApi } from './handler.ts';
import type { VersionDeps } from './show-version.ts';

const env = readEnvironment(process.env, [
  'TABLE_NAME',
  'BUCKET_NAME',
  'LIFECYCLE_MACHINE_ARN',
  'VERSION',
  'METRICS_NAMESPACE',
]);

const logger = new Logger();

const deps: CreateDeps & VersionDeps = {
  records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
  objects: s3Objects(new S3Client(), env.BUCKET_NAME),
  executions: sfnExecutions(new SFNClient(), { 'batch-lifecycle': env.LIFECYCLE_MACHINE_ARN }),
  catalogue: readCatalogue(import.meta.dirname),
  clock: { nowMs: Date.now },
  randomHex: () => randomBytes(10).toString('hex'),
  metrics: emfMetrics('batches-api', env),
  log: (message, fields) => logger.info(message, { ...fields }),
  warn: (message, fields) => logger.warn(message, { ...fields }),
  version: env.VERSION,
};

export const handler = httpHandler(batchesApi(deps));
