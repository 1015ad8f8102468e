import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { s3ModelFiles } from '../../../adapters/aws/model-files.ts';

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
