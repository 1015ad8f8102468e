import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Agent, stream } from 'undici';
import { clientLimits } from './client-limits.ts';

/** What S3 answers before an object's bytes. */
export interface ObjectHead {
  /** 206 for a range; with anything but 200 and 206 S3 refuses, and the bytes are its XML. */
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The model bucket as an agent uses it. */
export interface ModelFiles {
  /** Null where there is no such object. An abort ends the wait, and later the bytes, with an error. */
  get(key: string, signal?: AbortSignal): Promise<Readable | null>;
  /** Streams an object, or a range of it as in HTTP's header, into what `sink` makes of S3's answer. */
  copy(key: string, range: string | undefined, sink: (head: ObjectHead) => Writable): Promise<void>;
  /** Writes a file, over what is there. */
  put(key: string, file: string): Promise<void>;
}

/** More than the streamer reads with at once: S3 gives one connection less than 100 MB a second. */
const CONNECTIONS = 64;
/** A stream that stands still for so long does not come. */
const STALLED_MS = 30_000;
/** One signature serves all ranges of an object for this long, and is valid for twice as long. */
const SIGNED_FOR_MS = 900_000;

/** `client` from `modelFilesClient`. */
export function s3ModelFiles(client: S3Client, bucket: string): ModelFiles {
  const at = (Key: string) => ({ Bucket: bucket, Key });
  const signed = signedUrls((key, expiresIn) =>
    getSignedUrl(client, new GetObjectCommand(at(key)), { expiresIn }),
  );
  const timeouts = { headersTimeout: STALLED_MS, bodyTimeout: STALLED_MS };
  const dispatcher = new Agent({ connections: CONNECTIONS, ...timeouts });
  return {
    async get(key, signal) {
      try {
        const options = signal === undefined ? {} : { abortSignal: signal };
        const { Body } = await client.send(new GetObjectCommand(at(key)), options);
        return Body as unknown as Readable;
      } catch (error) {
        if (error instanceof NoSuchKey) return null;
        throw error;
      }
    },
    // Not through the SDK's handler: a whole model goes through this one thread, which that would cost more.
    async copy(key, range, sink) {
      const headers = range === undefined ? {} : { range };
      await stream(await signed(key), { method: 'GET', headers, dispatcher }, sink);
    },
    async put(key, file) {
      const { size } = await stat(file);
      const Body = createReadStream(file);
      await client.send(new PutObjectCommand({ ...at(key), Body, ContentLength: size }));
    },
  };
}

/** Reads without checksums, which a range does not have. */
export const modelFilesClient = (): S3Client =>
  new S3Client({
    ...clientLimits.objects,
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });

function signedUrls(sign: (key: string, seconds: number) => Promise<string>) {
  const urls = new Map<string, { readonly url: Promise<string>; readonly atMs: number }>();
  return (key: string): Promise<string> => {
    const nowMs = performance.now();
    const last = urls.get(key);
    if (last !== undefined && nowMs - last.atMs < SIGNED_FOR_MS) return last.url;
    const url = sign(key, (2 * SIGNED_FOR_MS) / 1000);
    urls.set(key, { url, atMs: nowMs });
    // Without credentials for a moment it fails, and need not the next time.
    url.catch(() => urls.delete(key));
    return url;
  };
}
