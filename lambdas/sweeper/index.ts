import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { sfnExecutions } from '../../adapters/aws/executions.ts';
import { s3Objects } from '../../adapters/aws/objects.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { s3StoredObjects } from '../../adapters/aws/stored-objects.ts';
import { readCatalogue } from '../../adapters/catalogue.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { emfMetrics } from '../../adapters/observability/emf-metrics.ts';
import { retentionSchema } from '../../core/retention/retention.ts';
import { stepHandler } from '../step.ts';
import { type SweeperDeps, sweepAndCleanUp } from './handler.ts';

const env = readEnvironment(process.env, [
  'TABLE_NAME',
  'BUCKET_NAME',
  'RETENTION',
  'LIFECYCLE_MACHINE_ARN',
  'SCHEDULER_MACHINE_ARN',
  'VERSION',
  'METRICS_NAMESPACE',
]);
const logger = new Logger();

const s3 = new S3Client();
const deps: SweeperDeps = {
  records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
  executions: sfnExecutions(new SFNClient(), {
    'batch-lifecycle': env.LIFECYCLE_MACHINE_ARN,
    'fleet-scheduler': env.SCHEDULER_MACHINE_ARN,
  }),
  objects: s3Objects(s3, env.BUCKET_NAME),
  stored: s3StoredObjects(s3, env.BUCKET_NAME),
  clock: { nowMs: Date.now },
  retention: retentionSchema.parse(JSON.parse(env.RETENTION)),
  metrics: emfMetrics('sweeper', env),
  log: (message, fields) => logger.info(message, { ...fields }),
  warn: (message, fields) => logger.warn(message, { ...fields }),
  fleetIds: readCatalogue(import.meta.dirname).fleets.map(({ id }) => id),
};

export const handler = stepHandler(sweepAndCleanUp(deps), { logger });
