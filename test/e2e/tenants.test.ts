import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import type OpenAI from 'openai';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sfnExecutions } from '../../adapters/aws/executions.ts';
import { s3ObjectVersions } from '../../adapters/aws/object-versions.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { dynamoTable } from '../../adapters/aws/whole-table.ts';
import { tenantsProgram } from '../../cli/tenants-program.ts';
import { expectWhole, untilOver } from './finished.ts';
import { createBatch, type Harness, startHarness } from './harness.ts';
import { chatLines, idsUpTo } from './input.ts';

const FEW = 40;
/** So many that the Batch is still open when its tenant goes. */
const MANY = 4000;

let stack: Harness;

beforeAll(async () => {
  stack = await startHarness();
}, 180_000);
afterAll(() => stack?.close(), 60_000);

function storeOf() {
  const { table, bucket } = stack.store();
  const dynamodb = new DynamoDBClient(stack.config('dynamodb'));
  return {
    records: dynamoRecords(dynamodb, table),
    table: dynamoTable(dynamodb, table),
    versions: s3ObjectVersions(new S3Client({ ...stack.config('s3'), forcePathStyle: true }), bucket),
    executions: sfnExecutions(new SFNClient(stack.config('sfn')), {}),
  };
}

async function tenants(...args: readonly string[]) {
  let printed = '';
  const print = (text: string): void => {
    printed += text;
  };
  const code = await tenantsProgram({
    open: storeOf,
    stackOutput: async () => '',
    defaults: stack.store(),
    clock: { nowMs: Date.now },
    // The gateway still lets the revoked keys in for a minute; nobody uses them here.
    pause: (ms) => delay(Math.min(ms, 250)),
    out: print,
    err: print,
  })(args);
  return { code, printed };
}

/** Everything in table and bucket that names one of these ids. */
async function tracesOf(...ids: readonly string[]): Promise<readonly object[]> {
  const { table, versions } = storeOf();
  const found: object[] = [];
  const named = new RegExp(`(?<![\\w-])(${ids.join('|')})(?![\\w-])`);
  const look = (one: object): void => {
    if (named.test(JSON.stringify(one))) found.push(one);
  };
  for await (const page of table.scan()) page.forEach(look);
  for await (const page of versions.list('')) page.forEach(look);
  for await (const page of versions.unfinished('')) page.forEach(look);
  return found;
}

const upload = (client: OpenAI, bytes: number) =>
  client.uploads.create({ bytes, filename: 'a.jsonl', mime_type: 'application/jsonl', purpose: 'batch' });

it('deletes a tenant with a Batch in flight to the last record and object, and touches no other', {
  timeout: 300_000,
}, async () => {
  const [acme, other] = [await stack.clientOf('acme'), await stack.clientOf('acme-2')];
  const finished = await createBatch(acme, chatLines(FEW));
  await untilOver(acme, finished.id);
  const theirs = await createBatch(other, chatLines(FEW));
  await untilOver(other, theirs.id);
  const inFlight = await createBatch(acme, chatLines(MANY));
  await vi.waitUntil(async () => (await stack.held(inFlight.id)).size > 0, { timeout: 90_000 });

  const refused = await tenants('delete', 'acme', '--yes');
  expect(refused).toMatchObject({ code: 1, printed: expect.stringContaining(inFlight.id) });
  expect(await tenants('delete', 'acme')).toMatchObject({ code: 1 });
  const others = await tracesOf('acme-2');
  const deleted = await tenants('delete', 'acme', '--yes', '--cancel');
  expect(deleted).toMatchObject({
    code: 0,
    printed: expect.stringContaining('Left of acme: 0 records, 0 object versions, 0 unfinished uploads.'),
  });
  expect(await tracesOf('acme', finished.id, inFlight.id)).toEqual([]);

  const left = await tracesOf('acme-2');
  expect(left).toHaveLength(others.length);
  expect(left).toEqual(expect.arrayContaining([...others]));
  await expectWhole(other, await other.batches.retrieve(theirs.id), idsUpTo(FEW));
});

it('leaves neither parts nor an unfinished upload, and says until when its URLs take bytes', {
  timeout: 60_000,
}, async () => {
  const client = await stack.clientOf('fleeting');
  const { id } = await upload(client, 5);
  await client.uploads.parts.create(id, { data: new File(['part'], 'part') });
  await upload(client, 200 * 1024 * 1024);
  const { code, printed } = await tenants('delete', 'fleeting', '--yes');
  expect({ code, printed }).toMatchObject({ code: 1, printed: expect.stringContaining('take bytes until') });
  expect(await tracesOf('fleeting')).toEqual([]);
  expect((await tenants('delete', 'fleeting', '--yes')).code).toBe(0);
});
