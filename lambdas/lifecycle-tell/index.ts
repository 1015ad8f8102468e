import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { eventBridgeEvents } from '../../adapters/aws/events.ts';
import { s3Objects } from '../../adapters/aws/objects.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readCatalogue } from '../../adapters/catalogue.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { emfMetrics } from '../../adapters/observability/emf-metrics.ts';
import { lifecycleInput } from '../lifecycle-input.ts';
import { stepHandler } from '../step.ts';
import { tell } from './handler.ts';

const env = readEnvironment(process.env, [
  'TABLE_NAME',
  'BUCKET_NAME',
  'EVENT_BUS_NAME',
  'VERSION',
  'METRICS_NAMESPACE',
]);

const { fleets } = readCatalogue(import.meta.dirname);

export const handler = stepHandler(
  tell({
    records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
    objects: s3Objects(new S3Client(), env.BUCKET_NAME),
    events: eventBridgeEvents(new EventBridgeClient(), env.EVENT_BUS_NAME),
    clock: { nowMs: Date.now },
    metrics: emfMetrics('lifecycle-tell', env),
    pause: (ms) => pause(ms),
    leaseMsOf: (fleetId) => fleets.find(({ id }) => id === fleetId)?.leaseMs ?? 0,
  }),
  { schema: lifecycleInput, logger: new Logger({ serviceName: 'lifecycle-tell' }) },
);
