import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  NoSuchKey,
  type S3Client,
} from '@aws-sdk/client-s3';
import { s3ModelUploads } from '../../../adapters/aws/model-uploads.ts';
import { huggingFaceHub } from '../../../adapters/hub/hugging-face-hub.ts';
import { modelsProgram } from '../../../cli/models-program.ts';
import { fleetSchema } from '../../../core/fleet/catalogue.ts';
import { manualClock } from '../../fakes/clock.ts';
import { memoryPrinter } from '../../fakes/printer.ts';
import { Bucket, runningS3 } from '../../local/s3/running-s3.ts';
import { type FakeRepository, fakeHub } from './fake-hub.ts';

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

const MODEL_FILE = join(import.meta.dirname, '..', '..', '..', 'config', 'models', 'qwen3-8b.json');

/** A Fleet of the catalogue whose weights the fake hub has. */
export function fleetOf(engine: object = {}, others: object = {}) {
  const file = JSON.parse(readFileSync(MODEL_FILE, 'utf8'));
  const { revision: _, ...shared } = file.engine;
  return fleetSchema.parse({
    ...file,
    id: 'tiny',
    model: 'tiny-chat',
    adapters: [],
    ...others,
    engine: { ...shared, model: 'acme/tiny', ...engine },
  });
}

/** The program on a fake hub and the project's own S3. */
export async function modelsRig(repositories: readonly FakeRepository[]) {
  const hub = await fakeHub(...repositories);
  const { client } = await runningS3();
  const waitsMs: number[] = [];
  const clock = manualClock();

  async function run(
    args: readonly string[],
    options: {
      readonly token?: string;
      readonly fleet?: ReturnType<typeof fleetOf>;
      readonly signal?: AbortSignal;
      readonly bucket?: string | undefined;
      readonly hubUrl?: string;
    } = {},
  ) {
    const { signal = new AbortController().signal, fleet = fleetOf() } = options;
    const { printed, ...printer } = memoryPrinter();
    const wait = async (ms: number) => void waitsMs.push(ms);
    const models = modelsProgram({
      fleets: () => [{ name: 'tiny-file', fleet }],
      hub: huggingFaceHub({ baseUrl: options.hubUrl ?? hub.url, token: options.token, wait }, signal),
      uploads: (bucket) => s3ModelUploads(client, bucket),
      stackOutput: async (stack, output) => `${stack}-${output}`.toLowerCase(),
      clock,
      signal,
      defaultBucket: 'bucket' in options ? options.bucket : Bucket,
      ...printer,
    });
    return { code: await models(args), ...printed };
  }

  return { hub, client, waitsMs, run, ...contents(client) };
}

function contents(client: S3Client) {
  return {
    async keys(): Promise<readonly string[]> {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
      return Contents.map(({ Key = '' }) => Key);
    },
    async bytes(key: string): Promise<Buffer | null> {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      } catch (error) {
        if (error instanceof NoSuchKey) return null;
        throw error;
      }
    },
    async openUploads(): Promise<number> {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
      return Uploads.length;
    },
  };
}
