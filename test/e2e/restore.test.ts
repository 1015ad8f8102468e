import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { s3ObjectVersions } from '../../adapters/aws/object-versions.ts';
import { s3Objects } from '../../adapters/aws/objects.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { dynamoTable } from '../../adapters/aws/whole-table.ts';
import { backupProgram } from '../../cli/backup-program.ts';
import { startDynamoDb } from '../../local/dynamodb/server.ts';
import { startS3 } from '../../local/s3/server.ts';
import { expectWhole, untilOver } from './finished.ts';
import { createBatch, type Harness, startHarness } from './harness.ts';
import { chatLines, idsUpTo } from './input.ts';

const REQUESTS = 400;

let stack: Harness;

beforeAll(async () => {
  stack = await startHarness();
}, 180_000);
afterAll(() => stack?.close(), 60_000);

interface Endpoints {
  readonly dynamodb: string;
  readonly s3: string;
}

/** `npm run backup` against a store; throws what it prints where it fails. */
async function backup({ dynamodb, s3 }: Endpoints, ...args: readonly string[]): Promise<void> {
  const { table, bucket } = stack.store();
  const tableClient = new DynamoDBClient({ ...stack.config('dynamodb'), endpoint: dynamodb });
  const bucketClient = new S3Client({ ...stack.config('s3'), endpoint: s3, forcePathStyle: true });
  let printed = '';
  const code = await backupProgram({
    open: () => ({
      records: dynamoRecords(tableClient, table),
      table: dynamoTable(tableClient, table),
      objects: s3Objects(bucketClient, bucket),
      versions: s3ObjectVersions(bucketClient, bucket),
    }),
    openTable: (name) => dynamoTable(tableClient, name),
    stackOutput: async () => '',
    defaults: { table, bucket },
    out: () => undefined,
    err: (text) => {
      printed += text;
    },
  })(args);
  if (code !== 0) throw new Error(printed);
}

/** Runs the stores of a stack that is down, and nothing else. */
async function withStores(act: (endpoints: Endpoints) => Promise<void>): Promise<void> {
  const { credentials } = stack.config('s3');
  const s3 = await startS3({ directory: join(stack.data, 's3'), credentials });
  const dynamodb = await startDynamoDb({ databaseFile: join(stack.data, 'dynamodb', 'tables.db') });
  await act({ dynamodb: dynamodb.url, s3: s3.url }).finally(async () => {
    await dynamodb.close();
    await s3.close();
  });
}

async function wipe({ dynamodb }: Endpoints): Promise<void> {
  const client = new DynamoDBClient({ ...stack.config('dynamodb'), endpoint: dynamodb });
  const table = dynamoTable(client, stack.store().table);
  for await (const page of table.scan()) await table.remove(page);
  for await (const page of table.scan()) expect(page).toEqual([]);
}

const held = async (id: string, lines: number): Promise<ReadonlySet<string>> => {
  await vi.waitUntil(async () => (await stack.held(id)).size >= lines, { timeout: 90_000, interval: 50 });
  return stack.held(id);
};

it('ends a Batch that was in flight when the table was lost, from a backup that is older than its Segments', {
  timeout: 300_000,
}, async () => {
  const file = join(stack.folder, 'records.jsonl');
  const { id } = await createBatch(stack.client(), chatLines(REQUESTS));
  const early = await held(id, REQUESTS / 8);
  const running = { dynamodb: stack.endpoint('dynamodb') ?? '', s3: stack.endpoint('s3') ?? '' };
  await backup(running, 'export', '--to', file);
  const late = await held(id, REQUESTS / 2);
  expect(late.size).toBeGreaterThan(early.size);
  await stack.kill9();
  const sentUntilLoss = stack.sent().length;
  expect(readFileSync(file, 'utf8')).toContain(id);

  await withStores(async (stores) => {
    await wipe(stores);
    await backup(stores, 'import', '--from', file);
  });
  await stack.restart();
  const client = stack.client();
  await expectWhole(client, await untilOver(client, id, 180_000), idsUpTo(REQUESTS));
  const sentAgain = stack.sent().slice(sentUntilLoss);
  expect(sentAgain.filter((request) => late.has(request))).toEqual([]);
});
