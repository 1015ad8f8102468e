import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect, it } from 'vitest';
import { Bucket, blobsIn, MIB, refusal, runningS3 } from './running-s3.ts';

const Key = 'output.jsonl';

async function begin(
  client: S3Client,
  input: Partial<CreateMultipartUploadCommandInput> = {},
): Promise<string> {
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'application/jsonl', ...input }),
  );
  if (UploadId === undefined) throw new Error('No upload id came back.');
  return UploadId;
}

async function send(client: S3Client, UploadId: string, PartNumber: number, Body: Uint8Array | string) {
  const { ETag, ChecksumCRC32 } = await client.send(
    new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }),
  );
  return { PartNumber, ETag, ChecksumCRC32 };
}

const complete = (client: S3Client, UploadId: string, Parts: CompletedPart[], IfNoneMatch?: string) =>
  client.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, IfNoneMatch }),
  );

const md5 = (data: Uint8Array): Buffer => createHash('md5').update(data).digest();

async function bytesOf(client: S3Client, Range?: string): Promise<Buffer> {
  const got = await client.send(new GetObjectCommand({ Bucket, Key, Range }));
  return Buffer.from((await got.Body?.transformToByteArray()) ?? []);
}

it('joins parts to one object with the ETag of S3 and a composite checksum', async () => {
  const { client } = await runningS3();
  const [one, two] = [randomBytes(5 * MIB), randomBytes(1000)];
  const UploadId = await begin(client, { ChecksumAlgorithm: 'CRC32' });
  const second = await send(client, UploadId, 7, two);
  const first = await send(client, UploadId, 2, one);
  const done = await complete(client, UploadId, [first, second]);
  const etag = `"${md5(Buffer.concat([md5(one), md5(two)])).toString('hex')}-2"`;
  expect(done.ETag).toBe(etag);
  expect(await bytesOf(client)).toEqual(Buffer.concat([one, two]));
  const head = await client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
  expect(head).toMatchObject({ ETag: etag, ContentLength: 5 * MIB + 1000, ContentType: 'application/jsonl' });
  expect(head.ChecksumCRC32).toMatch(/-2$/);
  expect(head.ChecksumType).toBe('COMPOSITE');
});

it('reads a range across the seam of two parts', async () => {
  const { client } = await runningS3();
  const [one, two] = [randomBytes(5 * MIB), randomBytes(1000)];
  const UploadId = await begin(client);
  await complete(client, UploadId, [
    await send(client, UploadId, 1, one),
    await send(client, UploadId, 2, two),
  ]);
  const range = await bytesOf(client, `bytes=${5 * MIB - 3}-${5 * MIB + 1}`);
  expect(range).toEqual(Buffer.concat([one.subarray(-3), two.subarray(0, 2)]));
});

it('takes parts by presigned URLs', async () => {
  const { signer } = await runningS3();
  const UploadId = await begin(signer);
  const url = await getSignedUrl(signer, new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1 }));
  const sent = await fetch(url, { method: 'PUT', body: 'lines' });
  await complete(signer, UploadId, [{ PartNumber: 1, ETag: sent.headers.get('etag') ?? '' }]);
  expect((await bytesOf(signer)).toString()).toBe('lines');
});

it('refuses parts under 5 MiB but for the last', async () => {
  const { client } = await runningS3();
  const UploadId = await begin(client);
  const parts = [await send(client, UploadId, 1, 'small'), await send(client, UploadId, 2, 'last')];
  expect((await refusal(complete(client, UploadId, parts))).name).toBe('EntityTooSmall');
});

it('refuses parts that are out of order, unknown, or not as listed', async () => {
  const { client } = await runningS3();
  const UploadId = await begin(client, { ChecksumAlgorithm: 'CRC32' });
  const one = await send(client, UploadId, 1, 'one');
  const two = await send(client, UploadId, 2, 'two');
  const refusedWith = async (...parts: CompletedPart[]) =>
    (await refusal(complete(client, UploadId, parts))).name;
  expect(await refusedWith(two, one)).toBe('InvalidPartOrder');
  expect(await refusedWith(one, { ...two, PartNumber: 3 })).toBe('InvalidPart');
  expect(await refusedWith({ ...one, ETag: two.ETag })).toBe('InvalidPart');
  expect(await refusedWith({ ...one, ChecksumCRC32: two.ChecksumCRC32 })).toBe('InvalidPart');
  expect(await refusedWith({ PartNumber: 1, ETag: one.ETag })).toBe('InvalidRequest');
  expect(await refusedWith()).toBe('MalformedXML');
});

it('refuses a part without the checksum that its upload was begun with', async () => {
  const { client, signer } = await runningS3();
  const UploadId = await begin(client, { ChecksumAlgorithm: 'CRC32' });
  const part = signer.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'x' }));
  expect((await refusal(part)).message).toContain(
    'expected checksum Type: crc32, actual checksum Type: null',
  );
});

it('completes under If-None-Match only where the key holds nothing, and keeps the upload otherwise', async () => {
  const { client } = await runningS3();
  const UploadId = await begin(client);
  const part = await send(client, UploadId, 1, 'late');
  await client.send(new PutObjectCommand({ Bucket, Key, Body: 'early' }));
  const refused = await refusal(complete(client, UploadId, [part], '*'));
  expect(refused.name).toBe('PreconditionFailed');
  expect((await bytesOf(client)).toString()).toBe('early');
  await complete(client, UploadId, [part]);
  expect((await bytesOf(client)).toString()).toBe('late');
});

it('knows an upload no more once it is complete', async () => {
  const { client } = await runningS3();
  const UploadId = await begin(client);
  const part = await send(client, UploadId, 1, 'x');
  await complete(client, UploadId, [part]);
  expect((await refusal(complete(client, UploadId, [part]))).name).toBe('NoSuchUpload');
});

it('removes every byte of an aborted upload', async () => {
  const { client, directory } = await runningS3();
  const UploadId = await begin(client);
  await send(client, UploadId, 1, 'x');
  await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  expect(blobsIn(directory)).toEqual([]);
  expect((await refusal(send(client, UploadId, 2, 'y'))).name).toBe('NoSuchUpload');
});

it('lists the parts of an upload by pages, a resent part once', async () => {
  const { client } = await runningS3();
  const UploadId = await begin(client);
  await send(client, UploadId, 1, 'old');
  for (const number of [3, 2, 1]) await send(client, UploadId, number, `part ${number}`);
  const first = await client.send(new ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 2 }));
  expect(first.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
    [1, 6],
    [2, 6],
  ]);
  expect(first.IsTruncated).toBe(true);
  const PartNumberMarker = first.NextPartNumberMarker;
  const rest = await client.send(new ListPartsCommand({ Bucket, Key, UploadId, PartNumberMarker }));
  expect(rest.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([3]);
  expect(rest.IsTruncated).toBe(false);
});

it('lists open uploads by pages', async () => {
  const { client } = await runningS3();
  const ids = [
    await begin(client, { Key: 'p/a' }),
    await begin(client, { Key: 'p/b' }),
    await begin(client, { Key: 'q' }),
  ];
  const first = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'p/', MaxUploads: 1 }));
  expect(first.Uploads?.map(({ Key: key, UploadId }) => [key, UploadId])).toEqual([['p/a', ids[0]]]);
  const rest = await client.send(
    new ListMultipartUploadsCommand({
      Bucket,
      Prefix: 'p/',
      KeyMarker: first.NextKeyMarker,
      UploadIdMarker: first.NextUploadIdMarker,
    }),
  );
  expect(rest.Uploads?.map(({ UploadId }) => UploadId)).toEqual([ids[1]]);
  expect(rest.IsTruncated).toBe(false);
});

it('makes a part of a range of another object', async () => {
  const { client } = await runningS3();
  await client.send(new PutObjectCommand({ Bucket, Key: 'source', Body: '0123456789' }));
  const UploadId = await begin(client);
  const source = { CopySource: `${Bucket}/source`, CopySourceRange: 'bytes=3-5' };
  const copied = await client.send(
    new UploadPartCopyCommand({ Bucket, Key, UploadId, PartNumber: 1, ...source }),
  );
  await complete(client, UploadId, [{ PartNumber: 1, ...copied.CopyPartResult }]);
  expect((await bytesOf(client)).toString()).toBe('345');
});

it('gives the copy of a multipart object the ETag of one body', async () => {
  const { client } = await runningS3();
  const [one, two] = [randomBytes(5 * MIB), randomBytes(9)];
  const UploadId = await begin(client);
  await complete(client, UploadId, [
    await send(client, UploadId, 1, one),
    await send(client, UploadId, 2, two),
  ]);
  const copied = await client.send(
    new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/${Key}` }),
  );
  expect(copied.CopyObjectResult?.ETag).toBe(`"${md5(Buffer.concat([one, two])).toString('hex')}"`);
});
