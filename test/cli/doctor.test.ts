import { afterEach, describe, expect, it } from 'vitest';
import { type Account, fakeAws, WHOLE } from './doctor/fake-aws.ts';
import { awsAt, type Diagnosis, findingOf, runDoctor } from './doctor/run-doctor.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function diagnose(account: Partial<Account>, ...args: readonly string[]): Promise<Diagnosis> {
  const aws = await fakeAws({ ...WHOLE, ...account });
  closing.push(aws.close);
  return runDoctor(awsAt(aws.url), ...args);
}

describe('npm run doctor in an account where nothing is deployed', () => {
  it('passes what an account needs, and skips what only a stack has', async () => {
    const diagnosis = await diagnose({});
    expect(findingOf(diagnosis, 'account')).toBe(
      '✓ account 111122223333, as arn:aws:iam::111122223333:user/ada',
    );
    expect(findingOf(diagnosis, 'region')).toBe('✓ region eu-west-1');
    expect(findingOf(diagnosis, 'clock')).toMatch(/^✓/);
    expect(findingOf(diagnosis, 'instances of gpu-24gb')).toMatch(/^✓ .*g6\.xlarge.* in eu-west-1a$/);
    expect(findingOf(diagnosis, 'quota spot G')).toBe(
      '✓ quota spot G and VT 96 vCPUs; 12 of gpu-24gb take 96',
    );
    expect(findingOf(diagnosis, 'bootstrap')).toBe('✓ bootstrap version 30');
    expect(findingOf(diagnosis, 'model qwen3-8b')).toMatch(/^✓ .*on the hub at c{40}$/);
    expect(findingOf(diagnosis, 'stack')).toMatch(/^– .*cdk deploy -c profile=dev$/);
    expect(findingOf(diagnosis, 'API')).toBe('– API not deployed yet');
    expect(findingOf(diagnosis, 'S3')).toBe('– S3 not deployed yet');
  });

  it('ends with 1 where a check failed, and tells the command that mends each', async () => {
    const diagnosis = await diagnose({
      quotas: { 'L-3819A6DF': 8 },
      bootstrapVersion: null,
      instanceTypes: { 'g6.2xlarge': 8 },
      skewMs: 400_000,
    });
    expect(diagnosis.code).toBe(1);
    expect(findingOf(diagnosis, 'quota spot')).toMatch(
      /✗ .*8 vCPUs, but 12 of gpu-24gb may take 96 → aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-3819A6DF --desired-value 96 --region eu-west-1/,
    );
    expect(findingOf(diagnosis, 'quota on-demand')).toMatch(/✗ .*0 vCPUs.*L-DB2E81BA --desired-value 32/);
    expect(findingOf(diagnosis, 'instances')).toMatch(/✓ .*g5\.2xlarge not offered$/);
    expect(findingOf(diagnosis, 'bootstrap')).toMatch(
      /✗ .* → npm exec -- cdk bootstrap aws:\/\/111122223333\/eu-west-1$/,
    );
    expect(findingOf(diagnosis, 'clock')).toMatch(
      /✗ clock (399|400|401) s behind AWS's; .* → sudo timedatectl/,
    );
    expect(diagnosis.err).toMatch(/^5 of 1\d checks failed\.\n$/);
  });

  it('asks the hub as Tasks do, without the token that is here, and tells how they get the weights', async () => {
    const aws = await fakeAws({ ...WHOLE, gated: true });
    closing.push(aws.close);
    const diagnosis = await runDoctor({ ...awsAt(aws.url), HF_TOKEN: 'of the operator' });
    expect(findingOf(diagnosis, 'model qwen3-8b')).toMatch(
      /^✗ .*Qwen\/Qwen3-8B is gated.* → HF_TOKEN=<.*> npm run models:pull -- qwen3-8b --stack Slackline, .*qwen3-8b\.json$/,
    );
  });

  it('mends the stack of the profile that it is asked for, and no other', async () => {
    const outputs = { ModelBucketName: 'absent', TableName: 'records' };
    const aws = await fakeAws({ ...WHOLE, gated: true, outputs });
    closing.push(aws.close);
    const base = ['--base-url', `${aws.url}/absent`];
    const diagnosis = await runDoctor(awsAt(aws.url), '--profile', 'prod', ...base);
    const mends = diagnosis.out.match(/(?<=→ ).*/g) ?? [];
    const deploying = mends.filter((mend) => mend.includes('cdk deploy'));
    expect(deploying).toHaveLength(3);
    for (const mend of deploying) expect(mend).toMatch(/-c profile=prod$/);
    const putting = mends.filter((mend) => /image:push|models:pull/.test(mend));
    expect(putting).toHaveLength(3);
    for (const mend of putting) expect(mend).toContain('--stack SlacklineProd');
  });

  it('tells a missing permission from a missing thing', async () => {
    const diagnosis = await diagnose({ refused: { GetParameter: 'AccessDeniedException' } });
    expect(findingOf(diagnosis, 'bootstrap')).toMatch(/✗ bootstrap not allowed: .* → .*ReadOnlyAccess/);
  });

  it('skips what needs credentials where those that there are have run out', async () => {
    const refused = Object.fromEntries(
      ['GetCallerIdentity', 'GetParameter', 'DescribeStacks', 'DescribeInstanceTypeOfferings'].map((call) => [
        call,
        'ExpiredToken',
      ]),
    );
    const diagnosis = await diagnose({ refused });
    expect(findingOf(diagnosis, 'account')).toMatch(/✗ .*refused → aws sso login/);
    expect(findingOf(diagnosis, 'clock')).toMatch(/^✓/);
    for (const check of ['instances', 'bootstrap', 'stack']) {
      expect(findingOf(diagnosis, check)).toMatch(/^– .*needs credentials$/);
    }
    expect(findingOf(diagnosis, 'API')).toMatch(/^– .*what the stack says of itself$/);
  });
});

/** Where nothing listens any more. */
async function deadUrl(): Promise<string> {
  const { url, close } = await fakeAws(WHOLE);
  close();
  return url;
}

describe('npm run doctor without an account', () => {
  it('says first that there are no credentials', async () => {
    const { AWS_ACCESS_KEY_ID: _, AWS_REGION: __, ...nobody } = awsAt(await deadUrl());
    const diagnosis = await runDoctor(nobody);
    expect(diagnosis.code).toBe(1);
    expect(findingOf(diagnosis, 'account')).toMatch(/^✗ account .*credentials.* → aws sso login/);
    expect(findingOf(diagnosis, 'region')).toMatch(/^✗ region none is set → export AWS_REGION/);
    expect(findingOf(diagnosis, 'bootstrap')).toMatch(/^– .*needs credentials$/);
  });

  it('says of each service that it does not answer, and shows no stack trace', async () => {
    const url = await deadUrl();
    const diagnosis = await runDoctor(awsAt(url), '--base-url', `${url}/v1`);
    expect(diagnosis.code).toBe(1);
    for (const check of ['account', 'clock', 'instances', 'bootstrap', 'stack', 'API']) {
      expect(findingOf(diagnosis, check)).toMatch(/^✗ .*no answer: .* → .*curl/);
    }
    expect(findingOf(diagnosis, 'model qwen3-8b')).toMatch(/^✗ .* → curl/);
    expect(diagnosis.out + diagnosis.err).not.toMatch(/\n\s+at /);
  });

  it('names a profile that there is not', async () => {
    const diagnosis = await runDoctor({}, '--profile', 'none');
    expect(diagnosis).toMatchObject({ code: 1, out: '' });
    expect(diagnosis.err).toMatch(/^Could not read .*profiles\/none\.json/);
  });
});
