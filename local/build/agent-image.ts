import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash } from '../../adapters/content-hash.ts';
import { cachedBuild } from './cached-build.ts';
import { runProgram } from './run-program.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SOURCES = ['gpu-task', 'core', 'adapters', 'package-lock.json', 'tsconfig.json'];

/** Gives the folder that stands for the file system of the GPU task's image, bundled anew after a change. */
export function buildAgentImage(): Promise<string> {
  return cachedBuild({
    directory: join(ROOT, '.slackline', 'image'),
    name: 'gpu-task',
    hash: contentHash(ROOT, SOURCES),
    async build(into) {
      const bundle = 'gpu-task/build.ts';
      await runProgram({ what: `Running ${bundle}`, arguments: [bundle], cwd: ROOT, env: process.env });
      // A running stack keeps its image when the next one is built.
      cpSync(join(ROOT, 'dist', 'image'), into, { recursive: true });
    },
  });
}
