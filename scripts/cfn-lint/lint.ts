import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { runLinter } from '../pypi/run-linter.ts';
import { VARIANTS, type Variant } from '../template/variants.ts';
import { withStack } from '../template/with-stack.ts';
import { installCfnLint } from './install.ts';

// `npm run lint:template`: lints what every profile that people deploy becomes, with each option on too.
/** What CDK writes and harms nothing: a dependency that a reference implies already. */
const NOT_OURS = ['W3005'];

const directory = mkdtempSync(join(tmpdir(), 'slackline-cfn-lint-'));

function writeTemplate({ name, profile, changes }: Variant): string {
  const file = join(directory, `${name}.template.json`);
  const template = withStack(profile, changes, (stack) => Template.fromStack(stack)).toJSON();
  writeFileSync(file, JSON.stringify(template));
  return file;
}

try {
  runLinter(() => {
    const PYTHONPATH = installCfnLint(process.env);
    const flags = ['--regions', 'us-east-1', '--ignore-checks', ...NOT_OURS];
    const args = [join(PYTHONPATH, 'bin', 'cfn-lint'), ...flags, '--', ...VARIANTS.map(writeTemplate)];
    return spawnSync('python3', args, { env: { ...process.env, PYTHONPATH }, stdio: 'inherit' });
  });
} finally {
  rmSync(directory, { recursive: true, force: true });
}
