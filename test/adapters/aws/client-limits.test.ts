import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, it } from 'vitest';
import { clientLimits, silentAtMost } from '../../../adapters/aws/client-limits.ts';

const SILENT_MS = 500;
const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
const at = { Bucket: 'bytes', Key: 'key' };

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** What a client is told, whose service does this with its requests. */
async function optionsFor(service: RequestListener) {
  server = createServer(service);
  await new Promise<void>((resolve) => void server?.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ endpoint, credentials, region: 'eu-west-1', forcePathStyle: true, maxAttempts: 1 },
    ...silentAtMost(SILENT_MS),
  };
}

it('ends a request that is never answered', async () => {
  const options = await optionsFor(() => undefined);
  const receive = new ReceiveMessageCommand({ QueueUrl: `${options.endpoint}/1/queue` });
  const asked = new SQSClient(options).send(receive);
  await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
});

it('sends what was never answered again', async () => {
  let requests = 0;
  const options = await optionsFor((_request, response) => {
    if (++requests > 1) response.end();
  });
  await new S3Client({ ...options, maxAttempts: 2 }).send(new PutObjectCommand({ ...at, Body: 'segment' }));
  expect(requests).toBe(2);
});

it('ends an answer that stops in the middle', async () => {
  const client = new S3Client(
    await optionsFor(
      (_request, response) => void response.writeHead(200, { 'content-length': 8 }).write('half'),
    ),
  );
  const { Body } = await client.send(new GetObjectCommand(at));
  await expect(Body?.transformToByteArray()).rejects.toMatchObject({ name: 'TimeoutError' });
});

it('lets an answer that keeps coming take longer than its limit', async () => {
  const pieces = 8;
  const client = new S3Client(
    await optionsFor((_request, response) => {
      response.writeHead(200, { 'content-length': pieces });
      let sent = 0;
      const next = setInterval(() => {
        response.write('x');
        if (++sent === pieces) clearInterval(next);
      }, SILENT_MS / 5);
    }),
  );
  const { Body } = await client.send(new GetObjectCommand(at));
  expect(await Body?.transformToString()).toBe('x'.repeat(pieces));
});

it('lets SQS wait for a hint as long as it can', () => {
  expect(clientLimits.queues.requestHandler.socketTimeout).toBeGreaterThan(20_000);
});

it.each(['gpu-task/main.ts', 'adapters/aws/model-files.ts', 'lambdas/recorder/index.ts'])(
  'has every client that %s makes',
  (path) => {
    const source = readFileSync(join(import.meta.dirname, '../../..', path), 'utf8');
    const clients = source.match(/new \w+Client\([^)]*/g) ?? [];
    expect(clients.length).toBeGreaterThan(0);
    expect(clients.filter((client) => !client.includes('clientLimits.'))).toEqual([]);
  },
);
