import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type ModelFiles, s3ModelFiles } from '../../../adapters/aws/model-files.ts';
import { MANIFEST_FILE, weightsFolder } from '../../../core/models/layout.ts';
import { openWeightsDoor, type WeightsDoor } from '../../../gpu-task/cold-start/weights-door.ts';
import { localBucket } from './local-bucket.ts';

/** A machine that does other things besides takes seconds. */
const PATIENT = { timeout: 20_000 };

const ACCESS_KEY = '0123456789abcdef';
const folder = weightsFolder('tiny', 'a'.repeat(40));
const weights = Buffer.alloc(20_000_000, 'weights');

let from: string;
let bucket: Awaited<ReturnType<typeof localBucket>>;
let door: WeightsDoor;
const troubles: unknown[] = [];
beforeAll(async () => {
  from = mkdtempSync(join(tmpdir(), 'slackline-model-'));
  writeFileSync(join(from, 'model.safetensors'), weights);
  writeFileSync(join(from, 'a <b> & c.json'), '{}');
  bucket = await localBucket();
  const files = await bucket.putModel(folder, from);
  await bucket.put('models/other/secret.json', '{}');
  door = await openDoor(files);
});
afterAll(async () => {
  await door.close();
  await bucket.close();
  rmSync(from, { recursive: true });
});

const openDoor = (files: Awaited<ReturnType<typeof bucket.putModel>>) =>
  openWeightsDoor({
    ...{ modelFiles: bucket.modelFiles, folder, files, accessKey: ACCESS_KEY },
    onTrouble: (error) => troubles.push(error),
  });

const urlOf = ({ env }: WeightsDoor): string => env['AWS_ENDPOINT_URL'] ?? '';

/** As the door's environment makes S3 clients. */
function clientOf({ env }: WeightsDoor, accessKeyId = env['AWS_ACCESS_KEY_ID'] ?? ''): S3Client {
  return new S3Client({
    ...{ endpoint: env['AWS_ENDPOINT_URL'] ?? '', region: env['AWS_REGION'] ?? '', forcePathStyle: true },
    credentials: { accessKeyId, secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '' },
    maxAttempts: 1,
  });
}
const at = (path: string) => ({ Bucket: 'weights', Key: folder + path });

it('lists the files of its model, and those below a folder only where no delimiter is set', async () => {
  const list = new ListObjectsV2Command({ Bucket: 'weights', Prefix: folder, Delimiter: '/' });
  const { Contents = [] } = await clientOf(door).send(list);
  expect(Contents.map(({ Key, Size }) => [Key, Size])).toEqual([
    [`${folder}a <b> & c.json`, 2],
    [`${folder}model.safetensors`, weights.length],
  ]);
  const whole = await clientOf(door).send(new ListObjectsV2Command({ Bucket: 'weights', Prefix: 'mod' }));
  expect(whole.KeyCount).toBe(2);
  const top = new ListObjectsV2Command({ Bucket: 'weights', Prefix: 'mod', Delimiter: '/' });
  expect((await clientOf(door).send(top)).KeyCount).toBe(0);
});

it('gives a file whole, in ranges and by its size', async () => {
  const client = clientOf(door);
  const whole = await client.send(new GetObjectCommand(at('model.safetensors')));
  expect(weights.equals((await whole.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
  const part = await client.send(new GetObjectCommand({ ...at('model.safetensors'), Range: 'bytes=7-20' }));
  expect(part.ContentRange).toBe(`bytes 7-20/${weights.length}`);
  expect(await part.Body?.transformToString()).toBe('weightsweights');
  const head = await client.send(new HeadObjectCommand(at('a <b> & c.json')));
  expect(head.ContentLength).toBe(2);
});

it('takes the whole URL in a request, as the streamer sends it', async () => {
  const { hostname, port } = new URL(urlOf(door));
  const path = `${urlOf(door)}/weights/${folder}model.safetensors`;
  const headers = { authorization: `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/x`, range: 'bytes=0-6' };
  const statusCode = await new Promise((resolve) => {
    request({ hostname, port, path, headers }, (answer) => resolve(answer.resume().statusCode)).end();
  });
  expect(statusCode).toBe(206);
});

it('has nothing else of the model bucket, not even the manifest', async () => {
  for (const Key of [
    'models/other/secret.json',
    folder + MANIFEST_FILE,
    `${folder}../../other/secret.json`,
  ]) {
    const asked = clientOf(door).send(new GetObjectCommand({ Bucket: 'weights', Key }));
    await expect(asked).rejects.toMatchObject({ name: 'NoSuchKey' });
  }
});

it('takes nothing', async () => {
  const put = new PutObjectCommand({ ...at('model.safetensors'), Body: 'x' });
  await expect(clientOf(door).send(put)).rejects.toMatchObject({ name: 'MethodNotAllowed' });
});

it('is shut to whoever does not have its access key, and outlives nonsense', async () => {
  const others = clientOf(door, 'another');
  await expect(others.send(new GetObjectCommand(at('model.safetensors')))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  expect((await fetch(`${urlOf(door)}/weights/${folder}model.safetensors`)).status).toBe(403);
  const authorization = `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/x`;
  expect((await fetch(`${urlOf(door)}/weights/%ff`, { headers: { authorization } })).status).toBe(404);
});

it('answers an internal error, which clients try again, where the model bucket fails', async () => {
  const modelFiles = { ...bucket.modelFiles, copy: () => Promise.reject(new Error('S3 is away.')) };
  const files = [{ path: 'x', bytes: 1 }] as const;
  const onTrouble = (error: unknown) => troubles.push(error);
  const broken = await openWeightsDoor({
    modelFiles,
    folder,
    files: [...files],
    accessKey: ACCESS_KEY,
    onTrouble,
  });
  const asked = clientOf(broken).send(new GetObjectCommand(at('x')));
  await expect(asked).rejects.toMatchObject({ name: 'InternalError' });
  expect(troubles).toEqual([new Error('S3 is away.')]);
  await broken.close();
});

it('cuts what the model bucket cuts, and goes on', async () => {
  const s3 = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': 1_000_000 });
    response.write(Buffer.alloc(1000), () => response.destroy());
  });
  await new Promise<void>((resolve) => s3.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(s3.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = new S3Client({ endpoint, region: 'eu-west-1', credentials, forcePathStyle: true });
  const files = [{ path: 'x', bytes: 1_000_000 }] as const;
  const seen: unknown[] = [];
  const cut = await openWeightsDoor({
    ...{ modelFiles: s3ModelFiles(client, 'models'), folder, files: [...files], accessKey: ACCESS_KEY },
    onTrouble: (error) => seen.push(error),
  });
  const { Body } = await clientOf(cut).send(new GetObjectCommand(at('x')));
  await expect(Body?.transformToByteArray()).rejects.toThrow('aborted');
  await vi.waitUntil(() => seen.length === 1, PATIENT);
  expect((await clientOf(cut).send(new HeadObjectCommand(at('x')))).ContentLength).toBe(1_000_000);
  await cut.close();
  s3.close();
});

it('is not troubled by a client that goes away', async () => {
  let ended = false;
  const copy: ModelFiles['copy'] = (...args) =>
    bucket.modelFiles.copy(...args).finally(() => {
      ended = true;
    });
  const seen: unknown[] = [];
  const left = await openWeightsDoor({
    ...{ modelFiles: { ...bucket.modelFiles, copy }, folder, accessKey: ACCESS_KEY },
    files: [{ path: 'model.safetensors', bytes: weights.length }],
    onTrouble: (error) => seen.push(error),
  });
  const { Body } = await clientOf(left).send(new GetObjectCommand(at('model.safetensors')));
  (Body as unknown as Readable).destroy();
  await vi.waitUntil(() => ended, PATIENT);
  await left.close();
  expect(seen).toEqual([]);
});

it('is gone once it is closed', async () => {
  const other = await openDoor([{ path: 'x', bytes: 1 }]);
  await other.close();
  await expect(fetch(urlOf(other))).rejects.toThrow('fetch failed');
});
