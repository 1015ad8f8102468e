import { CreateMultipartUploadCommand, DeleteObjectsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { s3ObjectVersions } from '../../../adapters/aws/object-versions.ts';
import { s3StoredObjects } from '../../../adapters/aws/stored-objects.ts';
import { Bucket, refusal, runningS3 } from './running-s3.ts';

/** More than one page of any listing. */
const MANY = 1203;
/** A whole second, as S3 keeps them, and one that signatures of now hold at. */
const NOW_MS = Math.floor(Date.now() / 1000) * 1000;

async function filled() {
  const { client } = await runningS3({ nowMs: () => NOW_MS });
  const keys = Array.from({ length: MANY }, (_, i) => `tenants/a/${String(i).padStart(4, '0')}`);
  for (const Key of [...keys, 'tenants/ab/x', 'uploads/a/x']) {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  }
  return { client, keys };
}

async function gather<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

it('shows each object as its only version, page by page, and deletes by version', async () => {
  const { client, keys } = await filled();
  const versions = s3ObjectVersions(client, Bucket);
  const listed = await gather(versions.list('tenants/a/'));
  expect(listed.map(({ key }) => key)).toEqual(keys);
  expect(listed[0]).toEqual({
    ...{ key: keys[0], versionId: 'null', isLatest: true, isDeleteMarker: false, storedAtMs: NOW_MS },
  });
  for await (const page of versions.list('tenants/a/')) await versions.remove(page);
  expect(await gather(versions.list('tenants/a/'))).toEqual([]);
  expect(await gather(versions.list(''))).toHaveLength(2);
});

it('gives all objects behind a key, with when they were stored', async () => {
  const { client, keys } = await filled();
  const stored = s3StoredObjects(client, Bucket);
  const first = await stored.page('');
  expect(first).toMatchObject({ isLast: false, objects: { length: 1000 } });
  expect(first.objects[0]).toEqual({ key: keys[0], storedAtMs: NOW_MS });
  const second = await stored.page(first.objects.at(-1)?.key ?? '');
  expect(second.isLast).toBe(true);
  expect(second.objects.map(({ key }) => key)).toEqual([...keys.slice(1000), 'tenants/ab/x', 'uploads/a/x']);
});

it('lists and aborts unfinished uploads below a prefix, again where one is gone', async () => {
  const { client } = await runningS3();
  for (const Key of ['tenants/a/big', 'tenants/b/big']) {
    await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  }
  const versions = s3ObjectVersions(client, Bucket);
  const [upload] = await gather(versions.unfinished('tenants/a/'));
  expect(upload?.key).toBe('tenants/a/big');
  if (upload === undefined) return;
  await versions.abort(upload);
  await versions.abort(upload);
  expect((await gather(versions.unfinished(''))).map(({ key }) => key)).toEqual(['tenants/b/big']);
});

it('refuses to delete a version that it cannot have', async () => {
  const { client } = await runningS3();
  const Objects = [{ Key: 'x', VersionId: 'v1' }];
  const error = await refusal(client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } })));
  expect(error.name).toBe('NotImplemented');
});
