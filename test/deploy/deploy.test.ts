import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import type { TenantId } from '../../core/ids.ts';
import { recordKeys, tenantPrefixes } from '../../core/keys.ts';
import { put } from '../../core/records.ts';
import { expectWhole, untilOver } from '../e2e/finished.ts';
import { createBatch } from '../e2e/harness.ts';
import { chatLines, embeddingLines, idsUpTo } from '../e2e/input.ts';
import { CALLS } from './calls.ts';
import { clientsOf } from './clients.ts';
import { type Deployment, openDeployment } from './deployment.ts';
import { placeObjects } from './object-calls.ts';
import { PERMISSIONS } from './permissions.ts';
import { rolesOf } from './roles.ts';
import { OBJECTS, type Things, thingsOf } from './things.ts';
import { versionedBucket } from './versioned-bucket.ts';

const REQUESTS = 200;
/** Two engines of the profile `demo` have 30 s of work with them: several times as long as an update takes. */
const MANY_REQUESTS = 900;
const TASK_DEFINITION = 'Gpu/Task-qwen3-8b/Definition/Resource';

const UPLOAD = { filename: 'in.jsonl', purpose: 'batch', mime_type: 'application/jsonl' } as const;

/** What Slackline adds to OpenAI's Upload. */
interface Direct {
  readonly slackline: { readonly put: { readonly url: string; readonly headers: Record<string, string> } };
}

let deployment: Deployment;

beforeAll(async () => {
  deployment = await openDeployment();
});
afterAll(() => deployment?.close());

/** A Batch of which Segments hold a part, but not all. */
async function batchUnderWay(requests: number): Promise<string> {
  const { id } = await createBatch(deployment.client(), chatLines(requests));
  const isUnderWay = async () => (await deployment.held(id)).size > 0;
  await vi.waitUntil(isUnderWay, { timeout: 60_000, interval: 100 });
  expect((await deployment.held(id)).size).toBeLessThan(requests);
  return id;
}

const isDenied = (error: unknown): boolean => (error as Error).name.startsWith('AccessDenied');

/** True where the call was let through, whatever came of it. Rejects where no service has answered. */
async function isAllowed(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
    if ($metadata?.httpStatusCode === undefined) throw error;
    return !isDenied(error);
  }
}

it('refuses who has no key, in the words of the API', async () => {
  const answer = deployment.client('sk-unknown').batches.list();
  await expect(answer).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
});

it('answers every Request once though a Task is killed on the way', async () => {
  const id = await batchUnderWay(REQUESTS);
  const [task] = await deployment.tasks();
  deployment.account.ecs().interrupt({ task, kill: true });
  await expectWhole(deployment.client(), await untilOver(deployment.client(), id), idsUpTo(REQUESTS));
});

it('takes Uploads both ways, refuses a bad line, cancels, lists and deletes', async () => {
  const client = deployment.client();
  const bytes = Buffer.from(chatLines(3));
  const joined = await client.uploads.create({ ...UPLOAD, bytes: bytes.length });
  const part = await client.uploads.parts.create(joined.id, { data: new File([bytes], 'part') });
  const { file } = await client.uploads.complete(joined.id, { part_ids: [part.id] });
  const direct = await client.uploads.create({ ...UPLOAD, bytes: bytes.length });
  const { put } = (direct as unknown as Direct).slackline;
  expect((await fetch(put.url, { method: 'PUT', headers: put.headers, body: bytes })).status).toBe(200);
  expect((await client.uploads.complete(direct.id, { part_ids: [] })).file?.bytes).toBe(bytes.length);

  const bad = await createBatch(client, '{}\n');
  expect(await untilOver(client, bad.id)).toMatchObject({ status: 'failed', errors: { object: 'list' } });
  const { id } = await createBatch(client, chatLines(REQUESTS));
  await client.batches.cancel(id);
  expect((await untilOver(client, id)).status).toBe('cancelled');

  expect((await client.files.delete(file?.id ?? '')).deleted).toBe(true);
  expect((await client.files.list()).data.map((each) => each.id)).not.toContain(file?.id);
  expect((await client.batches.list()).data.map((each) => each.id)).toContain(id);
  expect((await client.models.list()).data).not.toEqual([]);
});

it('is updated in place while a Batch runs, and loses nothing', async () => {
  const before = deployment.stack().physicalId(TASK_DEFINITION);
  const id = await batchUnderWay(MANY_REQUESTS);
  const stack = await deployment.update();
  expect(stack.physicalId(TASK_DEFINITION)).not.toBe(before);
  expect((await deployment.client().batches.retrieve(id)).status).toBe('in_progress');
  await expectWhole(deployment.client(), await untilOver(deployment.client(), id), idsUpTo(MANY_REQUESTS));
});

it('runs Batches on after the update, also of a Fleet that came with it', async () => {
  const client = deployment.client();
  const chat = await createBatch(client, chatLines(20));
  const embeddings = await createBatch(client, embeddingLines(20), '/v1/embeddings');
  for (const { id } of [chat, embeddings]) {
    await expectWhole(client, await untilOver(client, id), idsUpTo(20));
  }
});

// What is tried again, or again later, looks well from outside.
it('was denied nothing in all of that', () => {
  expect(deployment.denials()).toEqual([]);
});

describe('permissions', () => {
  let things: Things;
  let roles: Readonly<Record<string, string>>;
  beforeAll(() => {
    things = thingsOf(deployment.stack());
    roles = rolesOf(deployment.stack());
  });
  beforeEach(() => placeObjects(new S3Client(), things.bucket));

  it.each(Object.entries(PERMISSIONS))('of %s are what it needs and no more', async (name, may) => {
    const as = clientsOf(roles[name] ?? '');
    const allowed: string[] = [];
    for (const [what, call] of Object.entries(CALLS)) {
      if (await isAllowed(call(as, things))) allowed.push(what);
    }
    expect(allowed.sort()).toEqual(may.toSorted());
  });

  it('are listed for every role', () => {
    expect(Object.keys(PERMISSIONS).sort()).toEqual(Object.keys(roles).sort());
  });

  it('are none for who signs nothing', async () => {
    const answer = await fetch(`${deployment.account.url}/${things.bucket}/${OBJECTS.files}`);
    expect(answer.status).toBe(403);
  });

  it('count over TLS alone', async () => {
    const { plainUrl: endpoint } = deployment.account;
    const object = { Bucket: things.bucket, Key: OBJECTS.files };
    const read = new S3Client({ profile: roles['files-api'] ?? '', endpoint }).send(
      new GetObjectCommand(object),
    );
    await expect(read).rejects.toSatisfy(isDenied);
  });
});

// What must never be denied above is looked for in the same lines.
it('has written down what was denied', () => {
  expect(deployment.denials().join('\n')).toMatch(/DENIED s3:GetObject to \S* on \S*/);
});

it('deletes a tenant with every version, marker and unfinished upload, and nobody else’s', async () => {
  const bucket = await versionedBucket(new S3Client(), 'slackline-versions');
  const [gone, kept] = ['gone', 'gone-not'].map((tenant) => tenantPrefixes(tenant as TenantId));
  for (const prefix of [...(gone ?? []), ...(kept ?? [])]) {
    for (const key of ['rewritten', 'rewritten', 'removed']) await bucket.put(`${prefix}${key}`);
    await bucket.remove(`${prefix}removed`);
    await bucket.beginUpload(`${prefix}unfinished`);
  }
  const before = await bucket.keys();
  const table = deployment.stack().outputs['TableName'] ?? '';
  const names = ['--table', table, '--bucket', 'slackline-versions'];
  // Else the command waits for keys that may have been revoked just now.
  const records = dynamoRecords(new DynamoDBClient(), table);
  const revoked = { tenant: 'gone' as TenantId, revokedAtMs: 0 };
  await records.change(recordKeys.tenantDeletion(revoked.tenant), () => put(revoked, undefined));
  const printed = await deployment.command('tenants.ts', 'delete', 'gone', ...names, '--yes');
  expect(printed).toBe('Left of gone: 0 records, 0 object versions, 0 unfinished uploads.\n');
  const ofOthers = before.filter((key) => kept?.some((prefix) => key.startsWith(prefix)));
  expect(ofOthers).toHaveLength(before.length / 2);
  expect((await bucket.keys()).toSorted()).toEqual(ofOthers.toSorted());
  await bucket.close();
});

it('shows GitHub what a deployment changes, with a role that may read the template and nothing else', async () => {
  const roles = await deployment.openGithubRoles();
  for (const subject of ['repo:o/n:environment:dev', 'repo:o/n:ref:refs/heads/main']) {
    await expect(roles.diffRole(subject)).rejects.toSatisfy(isDenied);
  }
  const environment = await roles.diffRole('repo:o/n:environment:dev-diff');
  const difference = await deployment.githubDifference(environment);
  await roles.remove();
  expect(difference).toMatch(/\[~\] AWS::ECS::TaskDefinition/);
  const role = /DENIED sts:AssumeRole to \S*DiffRole\S* on \S*:role\/cdk-hnb659fds-lookup-role/;
  expect(deployment.denials().join('\n')).toMatch(role);
});

it('leaves nothing behind when it is destroyed, full as its bucket is, but the role that other APIs of the account use too', async () => {
  await placeObjects(new S3Client(), thingsOf(deployment.stack()).bucket);
  await deployment.destroy();
  const after = await deployment.account.inventory();
  const kept = deployment.stack().physicalId('Api/Api/CloudWatchRole/Resource');
  expect(after.filter((thing) => !deployment.before.includes(thing))).toEqual([`Roles ${kept}`]);
});
