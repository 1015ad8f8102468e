import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const SOURCE = import.meta.dirname;
const IMAGE = join(SOURCE, '..', 'dist', 'image');
const SCRIPTS = ['as-engine.sh', 'is-alive.sh'];

/**
 * Bundles the agent and the simulated engine into a folder, dist/image if none is named: the build context of the
 * Dockerfile beside us.
 */
export async function buildImageContext(image = IMAGE): Promise<string> {
  const outdir = join(image, 'app', 'gpu-task');
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
  for (const script of SCRIPTS) await copyFile(join(SOURCE, script), join(outdir, script));
  await copyFile(join(SOURCE, 'Dockerfile'), join(image, 'Dockerfile'));
  return image;
}

if (import.meta.main) process.stdout.write(`${await buildImageContext()}\n`);
