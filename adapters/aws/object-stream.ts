import { createHash } from 'node:crypto';
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { PutOnceResult } from '../../core/ports.ts';
import { abortUpload } from './abort-upload.ts';
import { unlessTaken } from './conditional-write.ts';

/** S3 takes at most 10,000 parts: parts of 16 MiB reach 156 GiB, with one part in memory at a time. */
const PART_BYTES = 16 * 1024 * 1024;
/** Where a small body's digest stands for a second writer to compare; an ETag says nothing under a KMS key. */
const DIGEST = 'slackline-sha256';

interface Target {
  readonly Bucket: string;
  readonly Key: string;
}

export interface Destination extends Target {
  readonly ContentType: string;
}

export interface StreamResult {
  readonly result: PutOnceResult;
  readonly sizeBytes: number;
  readonly etag: string;
}

/**
 * Writes a stream of any length under a free key. A body below one part is a single conditional PUT; a longer one
 * a multipart upload whose completion is conditional. Two writers of the same bytes make one object.
 */
export async function putStreamOnce(
  client: S3Client,
  destination: Destination,
  body: AsyncIterable<Uint8Array>,
): Promise<StreamResult> {
  const parts = partsOf(body);
  const first = await parts.next();
  const head = first.done === true ? new Uint8Array() : first.value;
  if (head.length < PART_BYTES) return putSingle(client, destination, head);
  return putParts(client, destination, afterHead(head, parts));
}

async function* partsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    for (let start = 0; start < chunk.length; ) {
      const end = Math.min(chunk.length, start + PART_BYTES - bytes);
      pending.push(chunk.subarray(start, end));
      bytes += end - start;
      start = end;
      if (bytes < PART_BYTES) continue;
      yield Buffer.concat(pending);
      pending = [];
      bytes = 0;
    }
  }
  if (bytes > 0) yield Buffer.concat(pending);
}

async function putSingle(
  client: S3Client,
  { ContentType, ...target }: Destination,
  body: Uint8Array,
): Promise<StreamResult> {
  const digest = createHash('sha256').update(body).digest('hex');
  const stored = await unlessTaken(() =>
    client.send(
      new PutObjectCommand({
        ...target,
        Body: body,
        ContentType,
        IfNoneMatch: '*',
        Metadata: { [DIGEST]: digest },
      }),
    ),
  );
  const isOurs = (head: HeadObjectCommandOutput): boolean => head.Metadata?.[DIGEST] === digest;
  return compared(client, target, { stored: stored !== null, sizeBytes: body.length, isOurs });
}

async function putParts(
  client: S3Client,
  { ContentType, ...target }: Destination,
  body: AsyncIterable<Uint8Array>,
): Promise<StreamResult> {
  const { UploadId = '' } = await client.send(
    new CreateMultipartUploadCommand({ ...target, ContentType, ChecksumAlgorithm: 'SHA256' }),
  );
  const parts: CompletedPart[] = [];
  let sizeBytes = 0;
  for await (const part of body) {
    parts.push(await uploadPart(client, { ...target, UploadId, PartNumber: parts.length + 1 }, part));
    sizeBytes += part.length;
  }
  const stored = await unlessTaken(() =>
    client.send(
      new CompleteMultipartUploadCommand({
        ...target,
        UploadId,
        IfNoneMatch: '*',
        MultipartUpload: { Parts: parts },
      }),
    ),
  );
  if (stored === null) await abortUpload(client, { ...target, UploadId });
  const isOurs = (head: HeadObjectCommandOutput): boolean => head.ChecksumSHA256 === compositeChecksum(parts);
  return compared(client, target, { stored: stored !== null, sizeBytes, isOurs });
}

async function* afterHead(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* rest;
}

async function uploadPart(
  client: S3Client,
  part: Target & { readonly UploadId: string; readonly PartNumber: number },
  Body: Uint8Array,
): Promise<CompletedPart> {
  const ChecksumSHA256 = createHash('sha256').update(Body).digest('base64');
  const { ETag = '' } = await client.send(new UploadPartCommand({ ...part, Body, ChecksumSHA256 }));
  return { PartNumber: part.PartNumber, ETag, ChecksumSHA256 };
}

/** S3's checksum of an object of many parts: that of theirs, and how many. Other part sizes make another. */
function compositeChecksum(parts: readonly CompletedPart[]): string {
  const digest = createHash('sha256');
  for (const { ChecksumSHA256 = '' } of parts) digest.update(ChecksumSHA256, 'base64');
  return `${digest.digest('base64')}-${parts.length}`;
}

interface Written {
  readonly stored: boolean;
  readonly sizeBytes: number;
  /** Whether an object of the same length holds the bytes that were to be written. */
  readonly isOurs: (head: HeadObjectCommandOutput) => boolean;
}

async function compared(client: S3Client, target: Target, ours: Written): Promise<StreamResult> {
  const head = await client.send(new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' }));
  const { sizeBytes } = ours;
  const etag = head.ETag ?? '';
  if (ours.stored) return { result: 'stored', sizeBytes, etag };
  const same = head.ContentLength === sizeBytes && ours.isOurs(head);
  return { result: same ? 'same' : 'taken', sizeBytes, etag };
}
