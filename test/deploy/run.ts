import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ministackHome } from '../../scripts/ministack/home.ts';
import { installMinistack } from '../../scripts/ministack/install.ts';
import { NotInstallable } from '../../scripts/pypi/install-tool.ts';

// `npm run test:deploy`: gets ministack where it is absent, then runs test/deploy.
const ROOT = join(import.meta.dirname, '..', '..');
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const say = (text: string): void => void process.stdout.write(`${text}\n`);

try {
  await installMinistack(ministackHome(process.env), say);
} catch (error) {
  if (!(error instanceof NotInstallable)) throw error;
  say(error.message);
  if (process.env['SLACKLINE_SKIP_DEPLOY'] === '1') {
    say(
      'SKIPPED: nothing was deployed, as SLACKLINE_SKIP_DEPLOY=1 allows where ministack cannot be installed.',
    );
    process.exit(0);
  }
  say('ministack could not be installed. SLACKLINE_SKIP_DEPLOY=1 lets this pass without a deploy.');
  process.exit(1);
}
const args = [VITEST, 'run', '--config', 'vitest.deploy.config.ts', ...process.argv.slice(2)];
process.exit(spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1);
