import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { NotInstallable } from '../pypi/install-tool.ts';
import { DEPLOYED_PROFILES, withStack } from '../template/with-stack.ts';
import { installCfnLint } from './install.ts';

// `npm run lint:template`: lints what every profile that people deploy becomes.
/** What CDK writes and harms nothing: a dependency that a reference implies already. */
const NOT_OURS = ['W3005'];

const directory = mkdtempSync(join(tmpdir(), 'slackline-cfn-lint-'));
try {
  const PYTHONPATH = installCfnLint(process.env);
  const files = DEPLOYED_PROFILES.map((profile) => {
    const file = join(directory, `${profile}.template.json`);
    writeFileSync(
      file,
      JSON.stringify(withStack(profile, {}, (stack) => Template.fromStack(stack)).toJSON()),
    );
    return file;
  });
  const args = [
    join(PYTHONPATH, 'bin', 'cfn-lint'),
    '--regions',
    'us-east-1',
    '--ignore-checks',
    ...NOT_OURS,
    '--',
    ...files,
  ];
  const env = { ...process.env, PYTHONPATH };
  const { status, error } = spawnSync('python3', args, { env, stdio: 'inherit' });
  if (error !== undefined) throw error;
  process.exitCode = status ?? 1;
} catch (error) {
  if (!(error instanceof NotInstallable)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
