import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { s3Objects } from '../../adapters/aws/objects.ts';
import { sqsDispatches } from '../../adapters/aws/queues.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import type { BatchId, ShardId, TenantId } from '../../core/ids.ts';
import { objectKeys, recordKeys } from '../../core/keys.ts';
import { dispatch } from '../../core/protocol/lease.ts';
import { newShard } from '../../core/protocol/shard.ts';
import { put } from '../../core/records.ts';
import { encodeShardLine } from '../../core/shard/object.ts';
import { buildImageContext } from '../../gpu-task/build.ts';
import { startDynamoDb } from '../../local/dynamodb/server.ts';
import { startInstanceMetadata } from '../../local/ecs/metadata/instance-metadata.ts';
import { startChild } from '../../local/processes/child.ts';
import { startS3 } from '../../local/s3/server.ts';
import { startSqs } from '../../local/sqs/server.ts';
import { TABLE_KEYS } from '../contract/dynamo-tables.ts';
import { lineBody, OWNER, testFleet } from './agent-rig.ts';
import { IMAGE_COMMAND, lastOf } from './dockerfile.ts';
import { folderWithNvidiaSmi } from './fake-nvidia-smi.ts';

const LINES = 30;
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const region = 'eu-west-1';

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** Servers for all that the Task of an agent talks to. */
async function openWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'slackline-main-'));
  const dynamo = await startDynamoDb({ databaseFile: join(folder, 'table.db') });
  await dynamo.createTable({ TableName: 'records', ...TABLE_KEYS });
  const s3 = await startS3({ directory: join(folder, 's3'), credentials });
  s3.createBucket('bytes');
  const sqs = await startSqs({ region, accountId: '111122223333' });
  const [dispatches, reports] = [await sqs.createQueue({}, 'dispatch'), await sqs.createQueue({}, 'reports')];
  const instance = await startInstanceMetadata(
    {
      instanceId: 'i-1',
      instanceType: 'g6.xlarge',
      availabilityZone: 'eu-west-1a',
      region,
      purchase: 'spot',
    },
    { nowMs: Date.now } as Parameters<typeof startInstanceMetadata>[1],
  );
  const task = createServer((_request, answer) => answer.end(JSON.stringify({ TaskARN: OWNER })));
  await new Promise<void>((resolve) => task.listen(0, '127.0.0.1', resolve));
  const log = join(folder, 'sent.jsonl');
  const image = await buildImageContext(join(folder, 'image'));
  const heartbeatFile = join(folder, 'heartbeat');
  const env = {
    HEARTBEAT_FILE: heartbeatFile,
    PATH: `${folderWithNvidiaSmi(folder)}:${process.env['PATH'] ?? ''}`,
    ...{
      VERSION: '1.2.3',
      METRICS_NAMESPACE: 'Slackline/Test',
      TABLE_NAME: 'records',
      BUCKET_NAME: 'bytes',
      MODEL_BUCKET_NAME: 'models',
      CAPACITY: 'spot',
      SIMULATED_ENGINE_LOG: log,
    },
    ...{ DISPATCH_QUEUE_URL: dispatches, REPORTS_QUEUE_URL: reports },
    ...{ AWS_REGION: region, AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
    ...{ AWS_ENDPOINT_URL_DYNAMODB: dynamo.url, AWS_ENDPOINT_URL_S3: s3.url, AWS_ENDPOINT_URL_SQS: sqs.url },
    AWS_EC2_METADATA_SERVICE_ENDPOINT: instance.url,
    ECS_CONTAINER_METADATA_URI_V4: `http://127.0.0.1:${(task.address() as AddressInfo).port}/v4/1`,
  };
  return {
    ...{ env, instance, image, heartbeatFile },
    sent: () => readFileSync(log, 'utf8').trimEnd().split('\n'),
    records: dynamoRecords(new DynamoDBClient({ endpoint: dynamo.url, region, credentials }), 'records'),
    objects: s3Objects(
      new S3Client({ endpoint: s3.url, region, credentials, forcePathStyle: true }),
      'bytes',
    ),
    hints: sqsDispatches(sqs.client, { [testFleet.id]: dispatches }),
    async close() {
      task.close();
      await Promise.all([instance.close(), sqs.close(), s3.close(), dynamo.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** As a container would start it, but for the Node that is there. */
function commandOfImage(): [string, ...string[]] {
  const [node, ...rest] = IMAGE_COMMAND;
  expect(node).toBe('node');
  return [process.execPath, ...rest];
}

/** What CloudWatch reads from the log: values by name, with the dimensions beside them. */
const metricsIn = (lines: readonly string[]): readonly Readonly<Record<string, unknown>>[] =>
  lines.filter((line) => line.includes('"CloudWatchMetrics"')).map((line) => JSON.parse(line));

it('runs as the image starts it, and gives its Shard back when the instance is about to be taken', async () => {
  const shard: ShardId = { tenant: 'tenant-a' as TenantId, batchId: 'batch_1' as BatchId, number: 0 };
  const key = recordKeys.shard(shard);
  const objectKey = objectKeys.shard(shard, 'cut');
  const lines = Array.from({ length: LINES }, (_, i) =>
    encodeShardLine({ line: i + 1, customId: `line-${i}`, body: Buffer.from(lineBody(`line-${i}`)) }),
  );
  await world.objects.putOnce(objectKey, Buffer.concat(lines));
  await world.records.change(key, () =>
    put(
      newShard(shard, {
        ...{ objectKey, endpoint: '/v1/chat/completions', model: testFleet.model },
        ...{ lines: LINES, estimatedTokens: 100 },
      }),
      null,
    ),
  );
  await world.records.change(key, (record) => dispatch(record, { seenSeq: 0, nowMs: 1, minAgeMs: 0 }));
  await world.hints.send(testFleet.id, [{ shard, dispatchSeq: 1 }]);

  const fleet = {
    ...testFleet,
    engine: { kind: 'simulated', tokensPerSecond: 200, firstTokenMs: 1, startMs: 0, maxRunning: 4 },
    checkpoint: { everyMs: 300, maxBytes: 1_000_000, maxResults: 500 },
  };
  const printed: string[] = [];
  const agent = startChild({
    command: commandOfImage(),
    cwd: join(world.image, lastOf('WORKDIR')),
    env: { ...world.env, FLEET: JSON.stringify(fleet) },
    onLine: (line) => printed.push(line),
  });
  const segments = () => world.objects.list(objectKeys.segments(shard));
  await vi.waitUntil(async () => (await segments()).length > 0, { timeout: 20_000 });
  expect((await world.records.read(key))?.lease?.owner).toBe(OWNER);
  expect(existsSync(world.heartbeatFile)).toBe(true);
  world.instance.announceTermination(Date.now() + 120_000);
  expect((await agent.exited).code, printed.join('\n')).toBe(0);

  const left = await world.records.read(key);
  expect(left).toMatchObject({ state: 'open', fence: 1, lease: null });
  expect(world.sent().length).toBeLessThan(LINES);
  const [atNotice, atEnd] = metricsIn(printed).slice(-2);
  expect(atNotice).toMatchObject({
    ...{ service: 'gpu-task', fleet: testFleet.id, capacity: 'spot' },
    ...{ InterruptionNotices: 1, EngineDeaths: 0, GpuErrors: 0 },
    ...{ GpuTemperature: 61, GpuUtilization: 98, EventLoopLag: expect.any(Number) },
  });
  expect(atEnd).toMatchObject({ InterruptionNotices: 0, RequestsFinished: expect.any(Number) });
  // Logs say which Shard, and nothing of what is in it.
  expect(printed.some((line) => line.includes('"batchId":"batch_1"'))).toBe(true);
  expect(printed.join('\n')).not.toContain('line-1');
});
