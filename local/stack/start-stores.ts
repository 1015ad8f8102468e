import { join } from 'node:path';
import { type DynamoDb, startDynamoDb } from '../dynamodb/server.ts';
import { type S3Server, startS3 } from '../s3/server.ts';
import { type Sqs, startSqs } from '../sqs/server.ts';
import { createStores } from './create-resources.ts';
import type { Settings } from './settings.ts';

export interface Stores {
  readonly s3: S3Server;
  readonly dynamodb: DynamoDb;
  readonly sqs: Sqs;
}

/** Starts what keeps bytes, records and messages, with the buckets, tables and queues of the deployment. */
export async function startStores(settings: Settings, running: AsyncDisposableStack): Promise<Stores> {
  const { deployment, ports, dataDirectory, credentials, region, accountId, onTrouble } = settings;
  const s3 = await startS3({
    directory: join(dataDirectory, 's3'),
    port: ports.s3,
    credentials,
    onInternalError: (error) => onTrouble(`S3: ${error}`),
  });
  running.defer(s3.close);
  const dynamodb = await startDynamoDb({
    databaseFile: join(dataDirectory, 'dynamodb', 'tables.db'),
    port: ports.dynamodb,
  });
  running.defer(dynamodb.close);
  const sqs = await startSqs({ region, accountId, port: ports.sqs });
  running.defer(sqs.close);
  await createStores(deployment, { s3, dynamodb, sqs });
  return { s3, dynamodb, sqs };
}
