import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

it('says what is wrong with its context in a sentence, without a stack trace', () => {
  const { status, stderr } = spawnSync(process.execPath, ['bin/app.ts'], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], CDK_CONTEXT_JSON: JSON.stringify({ profile: 'nowhere' }) },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^There is no profile nowhere\. config\/profiles has: .*\.\n$/);
});
