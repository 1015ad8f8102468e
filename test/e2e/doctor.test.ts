import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { type Account, fakeAws, WHOLE } from '../cli/doctor/fake-aws.ts';
import { awsAt, findingOf, runDoctor } from '../cli/doctor/run-doctor.ts';
import { type RunningStack, runStack } from './running-stack.ts';

let stack: RunningStack;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slackline-doctor-'));
  stack = await runStack(folder, ['--profile', 'test', '--port', '0']);
}, 180_000);
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** The doctor in an account whose one stack is the local one. */
async function diagnose(account: Partial<Account>, variables: Readonly<Record<string, string>>) {
  const { baseUrl, endpoints, resources } = stack.state;
  const bucket = resources.find(({ logicalId }) => logicalId.startsWith('Models'))?.physicalId ?? '';
  const outputs = { BaseUrl: baseUrl, ModelBucketName: bucket };
  const { accessKeyId, secretAccessKey } = JSON.parse(readFileSync(join(folder, 'credentials.json'), 'utf8'));
  const aws = await fakeAws({ ...WHOLE, outputs, ...account });
  try {
    return await runDoctor({
      ...awsAt(aws.url),
      ...{ AWS_ENDPOINT_URL_S3: endpoints['s3'] ?? '', AWS_REGION: 'us-east-1' },
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
      ...variables,
    });
  } finally {
    aws.close();
  }
}

it('finds the stack, its bucket, and by a key the version of its API', async () => {
  const SLACKLINE_API_KEY = readFileSync(join(folder, 'api-key'), 'utf8').trim();
  const diagnosis = await diagnose({}, { SLACKLINE_API_KEY });
  expect(findingOf(diagnosis, 'stack')).toBe('✓ stack Slackline is deployed');
  expect(findingOf(diagnosis, 'API')).toBe(`✓ API ${stack.state.baseUrl} runs ${packageJson.version}`);
  expect(findingOf(diagnosis, 'S3')).toMatch(/^✓ S3 the bucket .* answers$/);
});

it('finds the API without a key, and refuses a wrong one', async () => {
  expect(findingOf(await diagnose({}, {}), 'API')).toMatch(/^✓ API .* answers; with a key .* its version$/);
  const wrong = await diagnose({}, { SLACKLINE_API_KEY: 'sk-wrong' });
  expect(findingOf(wrong, 'API')).toMatch(/^✗ API it refuses the key .* → npm run keys/);
  expect(wrong.out + wrong.err).not.toContain('sk-wrong');
});

it('tells of a bucket that is not there any more', async () => {
  const outputs = { BaseUrl: stack.state.baseUrl, ModelBucketName: 'gone' };
  expect(findingOf(await diagnose({ outputs }, {}), 'S3')).toBe(
    '✗ S3 there is no bucket gone → npm exec -- cdk deploy -c profile=dev',
  );
});
