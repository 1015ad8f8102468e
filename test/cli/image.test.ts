import { ECRClient } from '@aws-sdk/client-ecr';
import { describe, expect, it, onTestFinished } from 'vitest';
import { imageDigest, registryLogin } from '../../adapters/aws/image-registry.ts';
import { findContainerProgram } from '../../adapters/container-program.ts';
import { imageProgram } from '../../cli/image-program.ts';
import { parseRepositoryUri } from '../../core/image-reference.ts';
import { memoryPrinter } from '../fakes/printer.ts';
import { fakeDocker } from './image/fake-docker.ts';
import { DIGEST, fakeEcr, REGISTRY, REPOSITORY } from './image/fake-ecr.ts';

const TAG = '0.1.0-abc123';
const IMAGE = `${REPOSITORY}:${TAG}`;

async function imageRig(options: { readonly programs?: readonly string[]; readonly pushed?: boolean } = {}) {
  const docker = fakeDocker(...(options.programs ?? ['docker']));
  const pushes = () => docker.calls().filter(({ args }) => args[0] === 'push');
  const endpoint = await fakeEcr(
    (tag) => options.pushed === true || pushes().some(({ args }) => args[1] === `${REPOSITORY}:${tag}`),
  );
  const regions: string[] = [];

  async function run(args: readonly string[], more: { named?: string; env?: object } = {}) {
    const { printed, ...printer } = memoryPrinter();
    const image = imageProgram({
      version: '0.1.0',
      buildContext: async () => '/context',
      contentHash: () => 'abc123',
      findProgram: () => findContainerProgram(more.named, { ...docker.env, ...more.env }),
      registryIn(region) {
        regions.push(region);
        const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
        const client = new ECRClient({ endpoint, region, credentials, maxAttempts: 1 });
        onTestFinished(() => client.destroy());
        return {
          login: () => registryLogin(client),
          digestOf: (repository, tag) => imageDigest(client, repository, tag),
        };
      },
      stackOutput: async (stack, output) =>
        `${stack} ${output}` === 'Mine ImageRepositoryUri' ? REPOSITORY : '',
      say: (line) => printer.err(`${line}\n`),
      ...printer,
    });
    return { code: await image(args), ...printed };
  }
  return { run, docker, regions };
}

const PUSH = ['push', '--repository', REPOSITORY];

describe('image push', () => {
  it('builds for the instances, logs in by stdin, pushes, and answers the digest', async () => {
    const { run, docker, regions } = await imageRig();
    const { code, out, err } = await run(PUSH);
    expect({ code, out }).toEqual({ code: 0, out: `"agentImage": "${REPOSITORY}@${DIGEST}"\n` });
    expect(docker.calls()).toEqual([
      {
        attestations: '1',
        args: ['build', '--platform', 'linux/amd64', '--tag', IMAGE, '/context'],
        input: '',
      },
      {
        attestations: '1',
        args: ['login', '--username', 'AWS', '--password-stdin', REGISTRY],
        input: 'ecr-password',
      },
      { attestations: '1', args: ['push', IMAGE], input: '' },
    ]);
    expect(err).not.toContain('ecr-password');
    expect(new Set(regions)).toEqual(new Set(['eu-central-1']));
  });

  it('builds nothing that is there already', async () => {
    const { run, docker } = await imageRig({ pushed: true, programs: [] });
    const { code, out, err } = await run(PUSH);
    expect({ code, out }).toEqual({ code: 0, out: `"agentImage": "${REPOSITORY}@${DIGEST}"\n` });
    expect(err).toMatch(/there already; nothing was built/);
    expect(docker.calls()).toEqual([]);
  });

  it('asks the stack for its repository where none is named', async () => {
    const { run } = await imageRig();
    const { code, err } = await run(['push', '--stack', 'Mine']);
    expect(code).toBe(0);
    expect(err).toMatch(/Put this into the profile of Mine, .*cdk deploy -c profile=<name>/);
  });

  it.each([
    [['podman', 'finch'], 'podman'],
    [['finch'], 'finch'],
    [['podman', 'docker'], 'docker'],
  ])('of %j takes %s', async (programs, taken) => {
    const { run } = await imageRig({ programs });
    expect((await run(PUSH)).err).toContain(`with ${taken}.`);
  });

  it('takes the program that CDK_DOCKER names before all others', async () => {
    const { run, docker } = await imageRig({ programs: ['docker', 'nerdctl'] });
    const named = `${docker.directory}/nerdctl`;
    expect((await run(PUSH, { named })).err).toContain(`with ${named}.`);
  });

  it('says so where that one does not start', async () => {
    const { run } = await imageRig();
    expect((await run(PUSH, { named: 'gone' })).err).toMatch(/CDK_DOCKER names gone, which does not start/);
  });
});

describe('image push that fails', () => {
  it.each([
    ['build', /The build failed: docker ended with 7/],
    ['login', /The login failed: docker ended with 7/],
    ['push', /The push failed: docker ended with 7/],
  ])('at the %s ends with 1 and says where', async (step, reason) => {
    const { run, docker } = await imageRig();
    const { code, out, err } = await run(PUSH, { env: { FAIL_AT: step } });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(reason);
    expect(docker.calls().at(-1)?.args[0]).toBe(step);
  });

  it('without a program that builds images names those that do', async () => {
    const { run } = await imageRig({ programs: [] });
    expect((await run(PUSH)).err).toMatch(/None of docker, podman, finch is on the PATH/);
  });

  it('says where it looked for a repository that is not there', async () => {
    const { run, docker } = await imageRig();
    const { err } = await run(['push', '--repository', `${REGISTRY}/other`]);
    expect(err).toMatch(/no repository other in eu-central-1 of the account 123456789012/);
    expect(docker.calls()).toEqual([]);
  });
});

describe('the URI of a repository', () => {
  it('is taken apart', () => {
    expect(parseRepositoryUri('123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/team/agent')).toEqual({
      uri: '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/team/agent',
      registry: '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn',
      account: '123456789012',
      region: 'cn-north-1',
      name: 'team/agent',
    });
  });

  it.each(['slackline/gpu-task', `${REPOSITORY}:0.1.0`, `${REPOSITORY}@${DIGEST}`, ''])(
    'is not %j',
    (uri) => {
      expect(() => parseRepositoryUri(uri)).toThrow(/no repository of Amazon ECR/);
    },
  );
});
