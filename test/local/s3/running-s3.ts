import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client, type S3ClientConfig, type S3ServiceException } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import type { CorsRule } from '../../../local/s3/cors.ts';
import { startS3 } from '../../../local/s3/server.ts';

export const credentials = { accessKeyId: 'local', secretAccessKey: 'local-secret' };
export const Bucket = 'files';
export const MIB = 1024 ** 2;

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'slackline-s3-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function connect(url: string, config: S3ClientConfig = {}): S3Client {
  const client = new S3Client({
    endpoint: url,
    region: 'eu-central-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials,
    ...config,
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** A server with one bucket, a client with the SDK's defaults, and one that signs as a presigner should. */
export async function runningS3(options: { cors?: readonly CorsRule[]; nowMs?: () => number } = {}) {
  const directory = temporaryDirectory();
  const internalErrors: unknown[] = [];
  const server = await startS3({
    directory,
    credentials,
    onInternalError: (error) => internalErrors.push(error),
    ...(options.nowMs === undefined ? {} : { nowMs: options.nowMs }),
  });
  onTestFinished(async () => {
    await server.close();
    if (internalErrors.length > 0) throw internalErrors[0];
  });
  server.createBucket(Bucket, options.cors);
  return {
    url: server.url,
    directory,
    client: connect(server.url),
    signer: connect(server.url, { requestChecksumCalculation: 'WHEN_REQUIRED' }),
  };
}

/** The error that a call was refused with; fails the test when it was not refused. */
export async function refusal(call: Promise<unknown>): Promise<S3ServiceException> {
  return call.then(
    () => {
      throw new Error('The call succeeded; it should have been refused.');
    },
    (error: S3ServiceException) => error,
  );
}

/** The code of an S3 error document. */
export async function errorCode(response: Response): Promise<string | undefined> {
  return /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1];
}

/** The files that hold object bytes. */
export function blobsIn(directory: string): readonly string[] {
  const entries = readdirSync(join(directory, 'blobs'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
