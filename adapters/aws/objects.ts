import { createHash } from 'node:crypto';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ObjectInfo, Objects, PutOnceResult } from '../../core/ports.ts';
import { unlessTaken } from './conditional-write.ts';
import { deleteObjects } from './delete-objects.ts';
import { type Destination, putStreamOnce } from './object-stream.ts';

const ANY_BYTES = 'application/octet-stream';

/** Objects in one S3 bucket. Every write but a removal carries `If-None-Match: *`. */
export function s3Objects(client: S3Client, bucket: string): Objects {
  const at = (key: string) => ({ Bucket: bucket, Key: key });

  async function head(key: string): Promise<ObjectInfo | null> {
    const answer = await found(() => client.send(new HeadObjectCommand(at(key))));
    return answer && { key, sizeBytes: answer.ContentLength ?? 0, etag: answer.ETag ?? '' };
  }

  async function open(key: string, options: { Range?: string; IfMatch?: string } = {}) {
    return found<GetObjectCommandOutput>(() => client.send(new GetObjectCommand({ ...at(key), ...options })));
  }

  async function read(key: string, range?: string): Promise<Uint8Array | null> {
    const answer = await open(key, range === undefined ? {} : { Range: range });
    return answer === null ? null : ((await answer.Body?.transformToByteArray()) ?? new Uint8Array());
  }

  return {
    head,
    putOnce: (key, body, ContentType = ANY_BYTES) => putOnce(client, { ...at(key), ContentType }, body),
    putOnceStream: (key, body, ContentType = ANY_BYTES) =>
      putStreamOnce(client, { ...at(key), ContentType }, body),
    get: (key) => read(key),
    getRange: (key, { start, end }) => read(key, rangeHeader(start, end)),
    list: (prefix) => listAll(client, bucket, prefix),
    async stream(key, etag) {
      const answer = await open(key, etag === undefined ? {} : { IfMatch: etag });
      return answer === null ? null : (answer.Body as unknown as AsyncIterable<Uint8Array>);
    },
    remove: (keys) =>
      deleteObjects(
        client,
        bucket,
        keys.map((Key) => ({ Key })),
      ),
  };
}

const rangeHeader = (start: number, end: number | undefined): string => {
  if (start < 0) return `bytes=${start}`;
  return `bytes=${start}-${end === undefined ? '' : end - 1}`;
};

async function listAll(client: S3Client, Bucket: string, Prefix: string): Promise<readonly ObjectInfo[]> {
  const objects: ObjectInfo[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix, ...(ContinuationToken && { ContinuationToken }) }),
    );
    for (const { Key = '', Size = 0, ETag = '' } of page.Contents ?? []) {
      objects.push({ key: Key, sizeBytes: Size, etag: ETag });
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return objects;
}

async function putOnce(
  client: S3Client,
  { ContentType, ...at }: Destination,
  body: Uint8Array,
): Promise<PutOnceResult> {
  const checksum = createHash('sha256').update(body).digest('base64');
  const put = new PutObjectCommand({
    ...at,
    Body: body,
    ContentType,
    ChecksumSHA256: checksum,
    IfNoneMatch: '*',
  });
  if ((await unlessTaken(() => client.send(put))) !== null) return 'stored';
  const stored = await client.send(new HeadObjectCommand({ ...at, ChecksumMode: 'ENABLED' }));
  return stored.ChecksumSHA256 === checksum ? 'same' : 'taken';
}

async function found<T>(send: () => Promise<T>): Promise<T | null> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof NoSuchKey || error instanceof NotFound) return null;
    throw error;
  }
}
