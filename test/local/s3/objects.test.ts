import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { Bucket, blobsIn, connect, MIB, refusal, runningS3 } from './running-s3.ts';

const read = async (client: S3Client, Key: string, Range?: string): Promise<string> => {
  const answer = await client.send(new GetObjectCommand({ Bucket, Key, Range }));
  return (await answer.Body?.transformToString()) ?? '';
};

it('gives back body, type, metadata, MD5 as ETag and the checksum of a put', async () => {
  const { client } = await runningS3();
  const Body = '123456789';
  const Key = 'tenants/ä b+c/(in).jsonl';
  await client.send(
    new PutObjectCommand({
      Bucket,
      Key,
      Body,
      ContentType: 'application/jsonl',
      Metadata: { tenant: 't-1' },
    }),
  );
  const got = await client.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
  expect(await got.Body?.transformToString()).toBe(Body);
  expect(got).toMatchObject({
    ContentType: 'application/jsonl',
    ContentLength: 9,
    Metadata: { tenant: 't-1' },
    ETag: `"${createHash('md5').update(Body).digest('hex')}"`,
    ChecksumCRC32: 'y/Q5Jg==',
    ChecksumType: 'FULL_OBJECT',
  });
});

it('stores a streamed body that the SDK sends in chunks with a trailing checksum', async () => {
  const { client } = await runningS3();
  const bytes = randomBytes(3 * MIB + 7);
  const Body = Readable.from([bytes.subarray(0, MIB), bytes.subarray(MIB)]);
  const put = await client.send(
    new PutObjectCommand({
      Bucket,
      Key: 'big',
      Body,
      ContentLength: bytes.length,
      ChecksumAlgorithm: 'CRC32C',
    }),
  );
  expect(put.ChecksumCRC32C).toMatch(/^[\w+/]{6}==$/);
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'big' }));
  expect(bytes.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
  expect(got.ContentEncoding).toBeUndefined();
});

it('stores an empty body', async () => {
  const { client } = await runningS3();
  await client.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: new Uint8Array() }));
  expect(await read(client, 'empty')).toBe('');
});

it('lets exactly one of many concurrent conditional puts win', async () => {
  const { client } = await runningS3();
  const put = (Body: string) =>
    client.send(new PutObjectCommand({ Bucket, Key: 'segment', Body, IfNoneMatch: '*' })).then(
      () => Body,
      (error: Error) => error.name,
    );
  const outcomes = await Promise.all(Array.from({ length: 24 }, (_, index) => put(`writer ${index}`)));
  const winners = outcomes.filter((outcome) => outcome !== 'PreconditionFailed');
  expect(winners).toHaveLength(1);
  expect(await read(client, 'segment')).toBe(winners[0]);
});

it('replaces under If-Match only what still has that ETag', async () => {
  const { client } = await runningS3();
  const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key: 'plan', Body: '1' }));
  await client.send(new PutObjectCommand({ Bucket, Key: 'plan', Body: '2', IfMatch: ETag }));
  const stale = client.send(new PutObjectCommand({ Bucket, Key: 'plan', Body: '3', IfMatch: ETag }));
  expect(await refusal(stale)).toMatchObject({
    name: 'PreconditionFailed',
    $metadata: { httpStatusCode: 412 },
  });
  expect(await read(client, 'plan')).toBe('2');
  const absent = client.send(new PutObjectCommand({ Bucket, Key: 'absent', Body: '3', IfMatch: ETag }));
  expect((await refusal(absent)).name).toBe('NoSuchKey');
});

it('leaves no file behind of bodies that were replaced, deleted or refused', async () => {
  const { client, directory } = await runningS3();
  const put = (Body: string, IfNoneMatch?: string) =>
    client.send(new PutObjectCommand({ Bucket, Key: 'k', Body, IfNoneMatch }));
  await put('first');
  await put('second');
  await refusal(put('third', '*'));
  expect(blobsIn(directory)).toHaveLength(1);
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
  expect(blobsIn(directory)).toEqual([]);
});

it('finishes a read of an object that is overwritten meanwhile', async () => {
  const { client } = await runningS3();
  const bytes = randomBytes(8 * MIB);
  await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: bytes }));
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'k' }));
  await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'new' }));
  expect(bytes.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
  expect(await read(client, 'k')).toBe('new');
});

it.each([
  ['bytes=2-4', '234', 'bytes 2-4/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=-2', '89', 'bytes 8-9/10'],
  ['bytes=8-100', '89', 'bytes 8-9/10'],
  ['bytes=-100', '0123456789', 'bytes 0-9/10'],
])('answers the range %s', async (Range, body, ContentRange) => {
  const { client } = await runningS3();
  await client.send(new PutObjectCommand({ Bucket, Key: 'digits', Body: '0123456789' }));
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'digits', Range }));
  expect(got.$metadata.httpStatusCode).toBe(206);
  expect(got.ContentRange).toBe(ContentRange);
  expect(await got.Body?.transformToString()).toBe(body);
});

it.each(['bytes=10-', 'bytes=-0'])('refuses the range %s of ten bytes', async (Range) => {
  const { client } = await runningS3();
  await client.send(new PutObjectCommand({ Bucket, Key: 'digits', Body: '0123456789' }));
  expect(await refusal(read(client, 'digits', Range))).toMatchObject({
    name: 'InvalidRange',
    $metadata: { httpStatusCode: 416 },
  });
});

it('answers a conditional read by the ETag', async () => {
  const { client } = await runningS3();
  const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '1' }));
  const unchanged = client.send(new GetObjectCommand({ Bucket, Key: 'k', IfNoneMatch: ETag }));
  expect((await refusal(unchanged)).$metadata.httpStatusCode).toBe(304);
  const other = client.send(new GetObjectCommand({ Bucket, Key: 'k', IfMatch: '"0"' }));
  expect((await refusal(other)).name).toBe('PreconditionFailed');
  const same = await client.send(new HeadObjectCommand({ Bucket, Key: 'k', IfMatch: ETag }));
  expect(same.ContentLength).toBe(1);
});

it('overrides type and disposition where the read asks for it', async () => {
  const { client } = await runningS3();
  await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '1' }));
  const got = await client.send(
    new GetObjectCommand({
      Bucket,
      Key: 'k',
      ResponseContentType: 'text/plain',
      ResponseContentDisposition: 'attachment; filename="out.jsonl"',
    }),
  );
  expect(got.ContentType).toBe('text/plain');
  expect(got.ContentDisposition).toBe('attachment; filename="out.jsonl"');
});

it('names what is missing', async () => {
  const { client } = await runningS3();
  expect(await refusal(read(client, 'absent'))).toMatchObject({
    name: 'NoSuchKey',
    Key: 'absent',
    $metadata: { httpStatusCode: 404 },
  });
  const head = client.send(new HeadObjectCommand({ Bucket, Key: 'absent' }));
  expect((await refusal(head)).$metadata.httpStatusCode).toBe(404);
  const elsewhere = client.send(new GetObjectCommand({ Bucket: 'absent', Key: 'k' }));
  expect((await refusal(elsewhere)).name).toBe('NoSuchBucket');
  const tagged = client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '1', Tagging: 'a=b' }));
  expect((await refusal(tagged)).name).toBe('NotImplemented');
});

it('takes a key of 1024 bytes and none longer', async () => {
  const { client } = await runningS3();
  const Key = 'é'.repeat(512);
  await client.send(new PutObjectCommand({ Bucket, Key, Body: '1' }));
  const longer = client.send(new PutObjectCommand({ Bucket, Key: `${Key}x`, Body: '1' }));
  expect((await refusal(longer)).name).toBe('KeyTooLongError');
});

it('deletes many keys at once, also ones that hold nothing', async () => {
  const { client } = await runningS3();
  await client.send(new PutObjectCommand({ Bucket, Key: 'a&<b>', Body: '1' }));
  const Delete = { Objects: [{ Key: 'a&<b>' }, { Key: 'absent' }] };
  const deleted = await client.send(new DeleteObjectsCommand({ Bucket, Delete }));
  expect(deleted.Deleted).toEqual([{ Key: 'a&<b>' }, { Key: 'absent' }]);
  expect((await refusal(read(client, 'a&<b>'))).name).toBe('NoSuchKey');
});

it('copies bytes and metadata to an object that lives on its own', async () => {
  const { client } = await runningS3();
  await client.send(new PutObjectCommand({ Bucket, Key: 'a b', Body: '1', Metadata: { x: 'y' } }));
  const copied = await client.send(
    new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/a%20b` }),
  );
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'a b' }));
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'copy' }));
  expect(await got.Body?.transformToString()).toBe('1');
  expect(got.Metadata).toEqual({ x: 'y' });
  expect(copied.CopyObjectResult?.ETag).toBe(got.ETag);
});

it('lies in the region that the client signs for', async () => {
  const { client, url } = await runningS3();
  const location = await client.send(new GetBucketLocationCommand({ Bucket }));
  expect(location.LocationConstraint).toBe('eu-central-1');
  const head = await connect(url, { region: 'us-east-1' }).send(new HeadBucketCommand({ Bucket }));
  expect(head.BucketRegion).toBe('us-east-1');
});
