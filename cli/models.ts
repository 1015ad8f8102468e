import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { s3ModelUploads } from '../adapters/aws/model-uploads.ts';
import { stackOutput } from '../adapters/aws/stack-outputs.ts';
import { huggingFaceHub } from '../adapters/hub/hugging-face-hub.ts';
import { readModelConfigs } from '../adapters/model-configs.ts';
import { modelsProgram } from './models-program.ts';
import { standardStreams } from './run-program.ts';

const interrupted = new AbortController();
const { signal } = interrupted;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    interrupted.abort(new Error('Interrupted. Run it again: it keeps the files that were stored.'));
  });
}

const models = modelsProgram({
  fleets: () => readModelConfigs(join(import.meta.dirname, '..', 'config', 'models')),
  hub: huggingFaceHub(
    {
      // The names that Hugging Face's own programs read.
      baseUrl: process.env['HF_ENDPOINT'] ?? 'https://huggingface.co',
      token: process.env['HF_TOKEN'] || undefined,
      wait: (ms, stopped) =>
        setTimeout(ms, undefined, { signal: stopped }).catch(() => stopped.throwIfAborted()),
    },
    signal,
  ),
  uploads: (bucket) => s3ModelUploads(new S3Client(), bucket),
  stackOutput: (stack, output) => stackOutput(new CloudFormationClient(), stack, output),
  clock: { nowMs: Date.now },
  signal,
  defaultBucket: process.env['MODEL_BUCKET_NAME'] || undefined,
  ...standardStreams,
});

process.exitCode = await models(process.argv.slice(2));
