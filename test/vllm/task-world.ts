import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { s3Objects } from '../../adapters/aws/objects.ts';
import { sqsDispatches } from '../../adapters/aws/queues.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import type { Fleet } from '../../core/fleet/catalogue.ts';
import type { BatchId, ShardId, TenantId } from '../../core/ids.ts';
import { objectKeys, recordKeys } from '../../core/keys.ts';
import { dispatch } from '../../core/protocol/lease.ts';
import { newShard } from '../../core/protocol/shard.ts';
import { put } from '../../core/records.ts';
import { encodeShardLine } from '../../core/shard/object.ts';
import { startDynamoDb } from '../../local/dynamodb/server.ts';
import { startSqs } from '../../local/sqs/server.ts';
import { TABLE_KEYS } from '../contract/dynamo-tables.ts';
import { localBucket } from '../gpu-task/cold-start/local-bucket.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const region = 'eu-west-1';
const TASK = 'arn:aws:ecs:eu-west-1:111122223333:task/slackline/0123';

const shardId = (number: number): ShardId => ({
  ...{ tenant: 'tenant-a' as TenantId, batchId: 'batch_1' as BatchId, number },
});

/** Servers for all that a Task of this Fleet talks to. */
export async function openTaskWorld(folder: string, fleet: Fleet) {
  const dynamo = await startDynamoDb({ databaseFile: join(folder, 'records.sqlite') });
  await dynamo.createTable({ TableName: 'records', ...TABLE_KEYS });
  // Is the bucket of Shards too: no key is of both.
  const bucket = await localBucket();
  const sqs = await startSqs({ region, accountId: '111122223333' });
  const [hintsUrl, reportsUrl] = [
    await sqs.createQueue({}, 'dispatch'),
    await sqs.createQueue({}, 'reports'),
  ];
  // Of the instance there is nothing: no notice.
  const metadata = createServer(({ url }, answer) =>
    answer.writeHead(url === '/v4/1/task' ? 200 : 404).end(JSON.stringify({ TaskARN: TASK })),
  );
  await new Promise<void>((resolve) => metadata.listen(0, '127.0.0.1', resolve));
  const metadataUrl = `http://127.0.0.1:${(metadata.address() as AddressInfo).port}`;

  const records = dynamoRecords(new DynamoDBClient({ endpoint: dynamo.url, region, credentials }), 'records');
  const s3 = new S3Client({ endpoint: bucket.url, region, credentials, forcePathStyle: true });
  const objects = s3Objects(s3, bucket.name);
  const hints = sqsDispatches(sqs.client, { [fleet.id]: hintsUrl });
  return {
    bucket,
    /** Of the agent, by the task definition and by ECS. */
    env: {
      ...{ VERSION: '1.2.3', METRICS_NAMESPACE: 'Slackline/Test', CAPACITY: 'spot', TABLE_NAME: 'records' },
      ...{ BUCKET_NAME: bucket.name, MODEL_BUCKET_NAME: bucket.name, FLEET: JSON.stringify(fleet) },
      ...{ DISPATCH_QUEUE_URL: hintsUrl, REPORTS_QUEUE_URL: reportsUrl },
      ...{ AWS_REGION: region, AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
      ...{ AWS_ENDPOINT_URL_DYNAMODB: dynamo.url, AWS_ENDPOINT_URL_S3: bucket.url },
      ...{ AWS_ENDPOINT_URL_SQS: sqs.url, AWS_EC2_METADATA_SERVICE_ENDPOINT: metadataUrl },
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/0123',
      ECS_CONTAINER_METADATA_URI_V4: `${metadataUrl}/v4/1`,
    },
    /** Dispatches a Shard of one Request to the Fleet. */
    async ask(number: number, body: object): Promise<void> {
      const shard = shardId(number);
      const objectKey = objectKeys.shard(shard, 'cut');
      const line = { line: 1, customId: 'asked', body: Buffer.from(JSON.stringify(body)) };
      await objects.putOnce(objectKey, encodeShardLine(line));
      const { model } = fleet;
      const facts = { objectKey, endpoint: '/v1/chat/completions', model, lines: 1, estimatedTokens: 100 };
      const key = recordKeys.shard(shard);
      await records.change(key, () => put(newShard(shard, facts), null));
      await records.change(key, (record) => dispatch(record, { seenSeq: 0, nowMs: 1, minAgeMs: 0 }));
      await hints.send(fleet.id, [{ shard, dispatchSeq: 1 }]);
    },
    /** The result line of a Shard of one Request; null until a Segment holds it. */
    async result(number: number): Promise<object | null> {
      const [segment] = await objects.list(objectKeys.segments(shardId(number)));
      const bytes = segment === undefined ? null : await objects.get(segment.key);
      if (bytes === null) return null;
      const [line = ''] = Buffer.from(bytes).toString().split('\n');
      return JSON.parse(line) as object;
    },
    async close() {
      s3.destroy();
      metadata.close();
      await Promise.all([sqs.close(), bucket.close(), dynamo.close()]);
    },
  };
}
