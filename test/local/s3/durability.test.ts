import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, it, onTestFinished } from 'vitest';
import { startChild } from '../../../local/processes/child.ts';
import { startS3 } from '../../../local/s3/server.ts';
import { Bucket, blobsIn, connect, credentials, temporaryDirectory } from './running-s3.ts';

async function started(directory: string) {
  const server = await startS3({ directory, credentials });
  onTestFinished(() => server.close());
  return server;
}

it('keeps buckets and objects across a restart', async () => {
  const directory = temporaryDirectory();
  const first = await startS3({ directory, credentials });
  first.createBucket(Bucket);
  await connect(first.url).send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'kept' }));
  await first.close();
  const second = await started(directory);
  const got = await connect(second.url).send(new GetObjectCommand({ Bucket, Key: 'k' }));
  expect(await got.Body?.transformToString()).toBe('kept');
});

it('loses no acknowledged object when the process is killed amid writes', async () => {
  const directory = temporaryDirectory();
  const module = new URL('../../../local/s3/server.ts', import.meta.url).href;
  const source = `
    import { startS3 } from ${JSON.stringify(module)};
    const options = ${JSON.stringify({ directory, credentials })};
    const server = await startS3(options);
    server.createBucket(${JSON.stringify(Bucket)});
    console.log(server.url);
  `;
  const url = Promise.withResolvers<string>();
  const child = startChild({
    command: [process.execPath, '--input-type=module', '-e', source],
    env: {},
    onLine: (line, stream) => {
      if (stream === 'stdout') url.resolve(line);
    },
  });
  onTestFinished(() => child.killGroup());
  const client = connect(await url.promise);
  const acknowledged: string[] = [];
  const write = async (writer: number): Promise<void> => {
    for (let index = 0; ; index += 1) {
      const Key = `${writer}/${index}`;
      await client.send(new PutObjectCommand({ Bucket, Key, Body: Key.repeat(100) }));
      acknowledged.push(Key);
      if (acknowledged.length === 40) child.signal('SIGKILL');
    }
  };
  await Promise.allSettled([0, 1, 2, 3].map(write));
  expect(await child.exited).toMatchObject({ signal: 'SIGKILL' });

  const survivor = connect((await started(directory)).url);
  for (const Key of acknowledged) {
    const got = await survivor.send(new GetObjectCommand({ Bucket, Key }));
    expect(await got.Body?.transformToString()).toBe(Key.repeat(100));
  }
  const { KeyCount } = await survivor.send(new ListObjectsV2Command({ Bucket }));
  expect(blobsIn(directory)).toHaveLength(KeyCount ?? -1);
});

it('removes at start what a crash left without a row', async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'blobs', 'ab'), { recursive: true });
  writeFileSync(join(directory, 'blobs', 'ab', 'ab-orphan'), 'half an upl');
  await started(directory);
  expect(readdirSync(join(directory, 'blobs', 'ab'))).toEqual([]);
});

it('refuses a directory that another server has open', async () => {
  const directory = temporaryDirectory();
  await started(directory);
  await expect(startS3({ directory, credentials })).rejects.toThrow(/another local stack/);
});
