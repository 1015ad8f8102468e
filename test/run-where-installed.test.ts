import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

/** A virtual environment is made first, which takes seconds. */
const LIMIT_MS = 60_000;
const NO_PYTHON = { PATH: '/nonexistent' };
/** Port 9 discards; nothing listens there. */
const DEAD_INDEX = {
  PATH: process.env['PATH'] ?? '',
  PIP_CONFIG_FILE: '/dev/null',
  PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
  PIP_RETRIES: '0',
};

/** A suite in an environment and an empty cache of its own. */
function run(suite: string, env: Readonly<Record<string, string>>) {
  const home = mkdtempSync(join(tmpdir(), 'slackline-cache-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const script = join(import.meta.dirname, suite, 'run.ts');
  const { status, stdout } = spawnSync(process.execPath, [script], {
    ...{ env: { HOME: home, ...env }, encoding: 'utf8', timeout: LIMIT_MS },
  });
  return { status, stdout };
}

it(
  'fails where PyPI is not reached, and says so and what lets it pass',
  () => {
    const { status, stdout } = run('deploy', DEAD_INDEX);
    expect(stdout).toMatch(/PyPI was not reached/);
    expect(stdout).toMatch(/ministack could not be installed. SLACKLINE_SKIP_DEPLOY=1 lets this pass/);
    expect(status).toBe(1);
  },
  LIMIT_MS,
);

describe.each([
  ['deploy', 'SLACKLINE_SKIP_DEPLOY'],
  ['vllm', 'SLACKLINE_SKIP_VLLM'],
])('test:%s without python3', (suite, variable) => {
  it('fails', () => {
    const { status, stdout } = run(suite, NO_PYTHON);
    expect(stdout).toMatch(new RegExp(`could not be installed. ${variable}=1`));
    expect(status).toBe(1);
  });

  it('passes where it may be skipped, and says that nothing ran', () => {
    const { status, stdout } = run(suite, { ...NO_PYTHON, [variable]: '1' });
    expect(stdout).toMatch(/^SKIPPED: its tests did not run/m);
    expect(status).toBe(0);
  });
});
