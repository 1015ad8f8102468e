import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Bucket, credentials, runningS3 } from '../local/s3/running-s3.ts';
import { fakeDocker } from './image/fake-docker.ts';
import { DIGEST, fakeEcr, REPOSITORY } from './image/fake-ecr.ts';
import { fakeHub } from './models/fake-hub.ts';
import { startProgram } from './start-program.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const AWS = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
};

/** A program that ends with its test. */
function start(...program: Parameters<typeof startProgram>) {
  const { child, ended } = startProgram(...program);
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, ended };
}

async function pullRig() {
  const body = Buffer.from('{"architectures": ["Qwen3ForCausalLM"]}');
  const files = [{ path: 'config.json', body }];
  const hub = await fakeHub({ name: 'Qwen/Qwen3-8B', commit: COMMIT, files, readers: ['hf_secret'] });
  const s3 = await runningS3();
  const env = { ...AWS, AWS_ENDPOINT_URL_S3: s3.url, HF_ENDPOINT: hub.url, HF_TOKEN: 'hf_secret' };
  const pull = (others = {}) =>
    start('models.ts', ['pull', 'qwen3-8b', '--bucket', Bucket], { ...env, ...others });
  return { hub, pull };
}

describe('npm run models:pull', () => {
  it('pulls what the catalogue names, with the token and from the hub of the environment', async () => {
    const { pull } = await pullRig();
    const { code, out, err } = await pull().ended;
    expect({ code, out }).toEqual({ code: 0, out: `"weights": "bucket",\n"revision": "${COMMIT}"\n` });
    expect(err).toContain(`Whole in s3://${Bucket}/models/qwen3-8b/${COMMIT}/`);
  });

  it('says what the credentials lack', async () => {
    const { pull } = await pullRig();
    const { code, err } = await pull({ AWS_SECRET_ACCESS_KEY: 'wrong' }).ended;
    expect(code).toBe(1);
    expect(err).toMatch(/S3 refused access to the bucket files .* need s3:GetObject, s3:PutObject/);
    expect(err).not.toMatch(/wrong|hf_secret/);
  });

  it('ends at an interruption, and says how to go on', async () => {
    const { hub, pull } = await pullRig();
    hub.fail('config.json', { kind: 'stall', afterBytes: 5 });
    const { child, ended } = pull();
    await vi.waitUntil(() => hub.stalled.length === 1, { timeout: 10_000 });
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 1, err: expect.stringMatching(/Interrupted. Run it again/) });
  });
});

describe('npm run image:push', () => {
  it('builds the context that holds the agent, and pushes it under the version and its content', async () => {
    const docker = fakeDocker('docker');
    const endpoint = await fakeEcr(() => docker.calls().some(({ args }) => args[0] === 'push'));
    const env = { ...AWS, ...docker.env, AWS_ENDPOINT_URL_ECR: endpoint };
    const { code, out } = await start('image.ts', ['push', '--repository', REPOSITORY], env).ended;
    expect({ code, out }).toEqual({ code: 0, out: `"agentImage": "${REPOSITORY}@${DIGEST}"\n` });
    const [build] = docker.calls();
    expect(build?.args.at(-1)).toMatch(/dist\/image$/);
    expect(build?.args.at(-2)).toMatch(/:0\.1\.0-[0-9a-f]{16}$/);
  });
});

describe('a program without a region', () => {
  it.each([
    { file: 'models.ts', args: ['pull', 'qwen3-8b'] },
    { file: 'image.ts', args: ['push'] },
    { file: 'keys.ts', args: ['--table', 'Table', 'create', '--tenant', 'acme'] },
    { file: 'tenants.ts', args: ['delete', 'acme'] },
    { file: 'backup.ts', args: ['export', '--to', 'never-written'] },
  ])('$file says how to set one, and who knows what else is missing', async ({ file, args }) => {
    // Neither this machine's own configuration nor an instance's metadata may name one.
    const nowhere = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
    const { code, out, err } = await start(file, args, { ...nowhere, AWS_EC2_METADATA_DISABLED: 'true' })
      .ended;
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: 'No AWS region is set: export AWS_REGION=<region>. npm run doctor says what else is missing.\n',
    });
  });
});
