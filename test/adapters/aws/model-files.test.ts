import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ModelFiles, s3ModelFiles } from '../../../adapters/aws/model-files.ts';

let server: Server;
let endpoint: string;
beforeEach(async () => {
  server = createServer((_request, response) => response.end('weights'));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

it('reads an object once there are credentials, where there were none for a moment', async () => {
  let asked = 0;
  const credentials = async () => {
    if (++asked === 1) throw new Error('The Task’s credentials are late.');
    return { accessKeyId: 'id', secretAccessKey: 'secret' };
  };
  const client = new S3Client({ endpoint, region: 'eu-west-1', credentials, forcePathStyle: true });
  const files = s3ModelFiles(client, 'models');
  let read = '';
  const sink = () =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        read += chunk;
        done();
      },
    });
  await expect(files.copy('key', undefined, sink)).rejects.toThrow('late');
  await files.copy('key', undefined, sink);
  expect(read).toBe('weights');
});

function filesAt(): ModelFiles {
  const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
  const client = new S3Client({ endpoint, region: 'eu-west-1', credentials, forcePathStyle: true });
  return s3ModelFiles(client, 'models');
}

it('gives up a read that is not answered', async () => {
  const stop = new AbortController();
  server.removeAllListeners('request').on('request', () => stop.abort());
  await expect(filesAt().get('key', stop.signal)).rejects.toThrow('aborted');
});

it('gives up a read whose bytes stand still', async () => {
  const stop = new AbortController();
  server.removeAllListeners('request').on('request', (_request, response) => {
    response.writeHead(200, { 'content-length': 8 }).write('half');
  });
  const body = await filesAt().get('key', stop.signal);
  const read = text(body ?? Readable.from([]));
  stop.abort();
  await expect(read).rejects.toThrow('aborted');
});
