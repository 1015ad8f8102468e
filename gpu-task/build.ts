import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const SOURCE = import.meta.dirname;
const IMAGE = join(SOURCE, '..', 'dist', 'image');

/** Bundles the agent and the simulated engine into dist/image, the build context of the Dockerfile beside us. */
export async function buildImageContext(): Promise<string> {
  const outdir = join(IMAGE, 'app', 'gpu-task');
  await mkdir(outdir, { recursive: true });
  await build({
    entryPoints: [join(SOURCE, 'main.ts'), join(SOURCE, 'simulated-engine.ts')],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    keepNames: true,
    mainFields: ['module', 'main'],
    // Some dependencies still call `require`.
    banner: {
      js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  await copyFile(join(SOURCE, 'Dockerfile'), join(IMAGE, 'Dockerfile'));
  return IMAGE;
}

if (import.meta.main) process.stdout.write(`${await buildImageContext()}\n`);
