import { describe, expect, it } from 'vitest';
import { checkClock } from '../../../core/doctor/account.ts';
import { answered } from '../../../core/doctor/asked.ts';
import { checkApi, checkImage, checkModel, parseImageName } from '../../../core/doctor/deployment.ts';
import type { Finding } from '../../../core/doctor/finding.ts';

const TARGET = { stack: 'Mine', profile: 'mine' };
const REPOSITORY = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/slackline/gpu-task';

describe('the name of an image', () => {
  it.each([
    ['slackline/gpu-task:0.1.0', { kind: 'no-registry' }],
    ['gpu-task', { kind: 'no-registry' }],
    ['localhost:5000/gpu-task:1', { kind: 'registry', host: 'localhost:5000' }],
    ['ghcr.io/acme/gpu-task@sha256:ab', { kind: 'registry', host: 'ghcr.io' }],
    [`${REPOSITORY}@sha256:ab`, { kind: 'ecr', reference: 'sha256:ab', repository: { uri: REPOSITORY } }],
    [`${REPOSITORY}:0.1.0-x`, { kind: 'ecr', reference: '0.1.0-x', repository: { region: 'eu-west-1' } }],
    [REPOSITORY, { kind: 'ecr', reference: 'latest', repository: { uri: REPOSITORY } }],
  ])('%s is taken apart', (image, name) => {
    expect(parseImageName(image)).toMatchObject(name);
  });

  it('in ECR is asked for, and to be pushed where it is not there', () => {
    const image = `${REPOSITORY}@sha256:ab`;
    const of = (found: boolean) => ({ image, name: parseImageName(image), asked: answered(found) });
    expect(checkImage(of(true), TARGET).kind).toBe('passed');
    expect(checkImage(of(false), TARGET)).toMatchObject({
      kind: 'failed',
      mend: expect.stringMatching(/^npm run image:push -- --stack Mine.*mine\.json.*-c profile=mine$/),
    });
  });
});

describe('the check of a model', () => {
  it('names the pull where the bucket has no whole copy', () => {
    const weights = { kind: 'bucket', asked: answered(false) } as const;
    expect(checkModel({ fleet: { id: 'chat' as never }, config: 'chat-8b', weights }, TARGET)).toMatchObject({
      kind: 'failed',
      mend: 'npm run models:pull -- chat-8b --stack Mine',
    });
  });

  it('is not made by a token that only Tasks have', () => {
    const weights = { kind: 'hub-by-token' } as const;
    const check = checkModel({ fleet: { id: 'chat' as never }, config: 'chat-8b', weights }, TARGET);
    expect(check.kind).toBe('skipped');
  });
});

describe('the check of the API', () => {
  const check = (answer: Parameters<typeof checkApi>[0], here = '1.0.0'): Finding =>
    checkApi(answer, { ...TARGET, baseUrl: 'http://a/v1', table: 'records', here });
  const version = (text: string) =>
    answered({
      kind: 'version',
      version: { object: 'version', version: text, commit: 'a'.repeat(40) },
    } as const);

  it('passes with its version, and says where these sources have another', () => {
    expect(check(version('1.0.0'))).toMatchObject({
      kind: 'passed',
      says: 'http://a/v1 runs 1.0.0 of aaaaaaaaaaaa',
    });
    expect(check(version('1.0.0'), '1.1.0')).toMatchObject({
      says: expect.stringMatching(/; here is 1\.1\.0$/),
    });
  });

  it.each([
    [{ kind: 'unauthorized', hasKey: true }, 'npm run keys -- --table records create'],
    [{ kind: 'other', status: 404 }, 'npm exec -- cdk deploy -c profile=mine'],
    [
      { kind: 'other', status: 500 },
      'aws cloudwatch describe-alarms --state-value ALARM --alarm-name-prefix Mine-',
    ],
  ] as const)('of %j fails, and tells the command', (answer, command) => {
    expect(check(answered(answer))).toMatchObject({ kind: 'failed', mend: expect.stringContaining(command) });
  });

  it('passes where it asks for a key and none is set', () => {
    expect(check(answered({ kind: 'unauthorized', hasKey: false })).kind).toBe('passed');
  });
});

describe('the check of the clock', () => {
  it.each([
    [0, 'passed', "as AWS's"],
    [59_400, 'passed', "59 s behind AWS's"],
    [60_000, 'failed', "60 s behind AWS's; AWS refuses requests from 300 s on"],
    [-90_000, 'failed', "90 s ahead of AWS's; AWS refuses requests from 300 s on"],
  ])('of %i ms has %s', (skewMs, kind, says) => {
    expect(checkClock(answered({ skewMs }))).toMatchObject({ kind, says });
  });
});
