import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { ECRClient } from '@aws-sdk/client-ecr';
import { imageDigest, registryLogin } from '../adapters/aws/image-registry.ts';
import { stackOutput } from '../adapters/aws/stack-outputs.ts';
import { findContainerProgram } from '../adapters/container-program.ts';
import { contentHash } from '../adapters/content-hash.ts';
import { imageProgram } from './image-program.ts';
import { packageVersion } from './package-version.ts';
import { standardStreams } from './run-program.ts';

const ROOT = join(import.meta.dirname, '..');

const image = imageProgram({
  version: packageVersion(),
  async buildContext() {
    const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'gpu-task', 'build.ts')]);
    return stdout.trim();
  },
  contentHash: (folder) => contentHash(folder, ['.']),
  findProgram: () => findContainerProgram(process.env['CDK_DOCKER'] || undefined, process.env),
  registryIn: (region) => {
    const client = new ECRClient({ region });
    return {
      login: () => registryLogin(client),
      digestOf: (repository, tag) => imageDigest(client, repository, tag),
    };
  },
  stackOutput: (stack, output) => stackOutput(new CloudFormationClient(), stack, output),
  say: (line) => standardStreams.err(`${line}\n`),
  ...standardStreams,
});

process.exitCode = await image(process.argv.slice(2));
