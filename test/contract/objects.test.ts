import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { s3Objects } from '../../adapters/aws/objects.ts';
import type { Objects } from '../../core/ports.ts';
import { type S3Server, startS3 } from '../../local/s3/server.ts';
import { memoryObjects } from '../fakes/objects.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const directory = mkdtempSync(join(tmpdir(), 'slackline-objects-'));
let server: S3Server;
let client: S3Client;

beforeAll(async () => {
  server = await startS3({ directory, credentials });
  server.createBucket('objects');
  client = new S3Client({ endpoint: server.url, region: 'us-east-1', credentials, forcePathStyle: true });
});
afterAll(async () => {
  client.destroy();
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

const text = (body: string): Uint8Array => Uint8Array.from(Buffer.from(body));
const read = (body: Uint8Array | null): string | null =>
  body === null ? null : Buffer.from(body).toString();

async function* chunks(...bodies: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* bodies;
}

async function gather(body: AsyncIterable<Uint8Array> | null): Promise<Buffer | null> {
  if (body === null) return null;
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

let unique = 0;
const newKey = (): string => `tenants/acme/${++unique}`;

const MIB = 1024 * 1024;

describe.each([
  ['in memory', (): Objects => memoryObjects()],
  ['on S3 over the wire', (): Objects => s3Objects(client, 'objects')],
] as const)('objects %s', (_, make) => {
  it('stores a key once and tells the same bytes from others', async () => {
    const objects = make();
    const key = newKey();
    expect(await objects.putOnce(key, text('one'))).toBe('stored');
    expect(await objects.putOnce(key, text('one'))).toBe('same');
    expect(await objects.putOnce(key, text('two'))).toBe('taken');
    expect(read(await objects.get(key))).toBe('one');
  });

  it('lets one of many writers win', async () => {
    const objects = make();
    const key = newKey();
    const results = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => objects.putOnce(key, text(`body ${n}`))));
    expect(results.filter((result) => result === 'stored')).toHaveLength(1);
  });

  it('answers null for what is not there', async () => {
    const objects = make();
    const key = newKey();
    const answers = [objects.get(key), objects.head(key), objects.stream(key)];
    expect(await Promise.all(answers)).toEqual([null, null, null]);
    expect(await objects.getRange(key, { start: 0 })).toBeNull();
  });

  it('reads ranges from both ends', async () => {
    const objects = make();
    const key = newKey();
    await objects.putOnce(key, text('0123456789'));
    expect(read(await objects.getRange(key, { start: 2, end: 5 }))).toBe('234');
    expect(read(await objects.getRange(key, { start: 7 }))).toBe('789');
    expect(read(await objects.getRange(key, { start: -4 }))).toBe('6789');
    expect(read(await objects.getRange(key, { start: -400 }))).toBe('0123456789');
  });

  it('lists a prefix in order of the keys', async () => {
    const objects = make();
    const prefix = `${newKey()}/`;
    for (const name of ['b', 'a', 'c']) await objects.putOnce(`${prefix}${name}`, text(name));
    await objects.putOnce(`${prefix.slice(0, -1)}x`, text('not below'));
    const listed = await objects.list(prefix);
    expect(listed.map(({ key, sizeBytes }) => [key.slice(prefix.length), sizeBytes])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ]);
  });

  it('streams an object, and refuses where the ETag is another', async () => {
    const objects = make();
    const key = newKey();
    await objects.putOnce(key, text('streamed'));
    const etag = (await objects.head(key))?.etag ?? '';
    expect(String(await gather(await objects.stream(key, etag)))).toBe('streamed');
    await expect(objects.stream(key, '"00000000000000000000000000000000"')).rejects.toThrow();
  });

  it.each([
    ['nothing', []],
    ['a small body', [text('small '), text('body')]],
    ['a body of many parts', [new Uint8Array(20 * MIB).fill(1), new Uint8Array(15 * MIB).fill(2)]],
  ] as const)('writes a stream once: %s', async (_name, bodies) => {
    const objects = make();
    const key = newKey();
    const first = await objects.putOnceStream(key, chunks(...bodies));
    const sizeBytes = bodies.reduce((sum, body) => sum + body.length, 0);
    expect(first).toMatchObject({ result: 'stored', sizeBytes });
    expect(await objects.putOnceStream(key, chunks(...bodies))).toMatchObject({ result: 'same', sizeBytes });
    expect(await objects.putOnceStream(key, chunks(...bodies, text('more')))).toMatchObject({
      result: 'taken',
    });
    expect((await objects.head(key))?.etag).toBe(first.etag);
    expect(
      Buffer.compare((await gather(await objects.stream(key))) ?? Buffer.of(9), Buffer.concat(bodies)),
    ).toBe(0);
  });

  it('tells a body of many parts from another of the same length', async () => {
    const objects = make();
    const key = newKey();
    const parts = [1, 2].map((byte) => new Uint8Array(16 * MIB).fill(byte));
    await objects.putOnceStream(key, chunks(...parts));
    const { result } = await objects.putOnceStream(key, chunks(...parts.reverse()));
    expect(result).toBe('taken');
  });

  it('removes many at once, also what is gone', async () => {
    const objects = make();
    const keys = [newKey(), newKey()];
    await objects.putOnce(keys[0] ?? '', text('x'));
    await objects.remove(keys);
    await objects.remove([]);
    expect(await objects.head(keys[0] ?? '')).toBeNull();
  });
});
