import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { s3ModelFiles } from '../../../adapters/aws/model-files.ts';
import { MANIFEST_FILE } from '../../../core/models/layout.ts';
import type { ModelManifest } from '../../../core/models/manifest.ts';
import { startS3 } from '../../../local/s3/server.ts';

const BUCKET = 'models';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** A model bucket on the local S3. */
export async function localBucket() {
  const directory = mkdtempSync(join(tmpdir(), 'slackline-models-'));
  const s3 = await startS3({ directory, credentials });
  s3.createBucket(BUCKET);
  const client = new S3Client({ endpoint: s3.url, region: 'eu-west-1', credentials, forcePathStyle: true });
  const put = (Key: string, Body: string | Uint8Array) =>
    client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
  return {
    ...{ url: s3.url, name: BUCKET },
    modelFiles: s3ModelFiles(client, BUCKET),
    put,
    /** Puts the files of a folder, and last what says that they are whole. */
    async putModel(folder: string, from: string): Promise<ModelManifest['files']> {
      const files = readdirSync(from).map((path) => ({ path, body: readFileSync(join(from, path)) }));
      for (const { path, body } of files) await put(folder + path, body);
      const listed = files.map(({ path, body }) => ({ path, bytes: body.length }));
      const manifest = { repository: 'a/model', revision: '0'.repeat(40), files: listed };
      await put(folder + MANIFEST_FILE, JSON.stringify(manifest));
      return listed as unknown as ModelManifest['files'];
    },
    async keys(): Promise<readonly string[]> {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
      return Contents.map(({ Key = '' }) => Key);
    },
    async close(): Promise<void> {
      client.destroy();
      await s3.close();
      rmSync(directory, { recursive: true });
    },
  };
}
