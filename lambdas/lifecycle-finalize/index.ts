import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { s3Objects } from '../../adapters/aws/objects.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { emfMetrics } from '../../adapters/observability/emf-metrics.ts';
import { lifecycleInput } from '../lifecycle-input.ts';
import { stepHandler } from '../step.ts';
import { finalize } from './handler.ts';

const env = readEnvironment(process.env, ['TABLE_NAME', 'BUCKET_NAME']);
const logger = new Logger({ serviceName: 'lifecycle-finalize' });
const metrics = emfMetrics('lifecycle-finalize');

export const handler = stepHandler(
  finalize({
    records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
    objects: s3Objects(new S3Client(), env.BUCKET_NAME),
    clock: { nowMs: Date.now },
    countUnreadableSegments: (segments) => {
      logger.error('Segments that the close plan names are gone or damaged.', { segments });
      metrics.emit({ UnreadableSegments: segments.length });
    },
  }),
  { schema: lifecycleInput, logger },
);
