import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contextSchema, readConfig } from '../../lib/config.ts';
import { CONFIG } from './synthesized.ts';

/** A copy of config/ with one file changed. */
function changed(file: string, change: (content: Record<string, unknown>) => unknown): string {
  const directory = mkdtempSync(join(tmpdir(), 'slackline-config-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  cpSync(CONFIG, directory, { recursive: true });
  changedIn(directory, file, change);
  return directory;
}

function changedIn(
  directory: string,
  file: string,
  change: (content: Record<string, unknown>) => unknown,
): void {
  const path = join(directory, file);
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')))));
}

it.each(['dev', 'stage', 'prod', 'local', 'demo', 'test'])('reads the profile %s', (profile) => {
  expect(readConfig(CONFIG, profile).catalogue.fleets.length).toBeGreaterThan(0);
});

it('refuses Fleets whose caps exceed the quota of their GPU class', () => {
  const directory = changed('models/qwen3-8b.json', (model) => ({
    ...model,
    maxTasks: { spot: 8, onDemand: 4 },
  }));
  expect(() => readConfig(directory, 'dev')).toThrow(
    /gpu-24gb.*qwen3-8b \(4\), qwen3-embedding-06b \(1\).*maxInstances\.onDemand is 4/,
  );
});

it('refuses them for spot too', () => {
  const directory = changed('models/qwen3-8b.json', (model) => ({
    ...model,
    maxTasks: { spot: 12, onDemand: 1 },
  }));
  expect(() => readConfig(directory, 'dev')).toThrow(
    /qwen3-8b \(12\).*spot Tasks, but maxInstances\.spot is 12/,
  );
});

describe("a profile's part of the quotas", () => {
  const withPart = (maxInstances: unknown) =>
    changed('profiles/stage.json', (profile) => ({ ...profile, maxInstances }));

  it('stands in for what the class has', () => {
    const { catalogue } = readConfig(withPart({ 'gpu-24gb': { spot: 3, onDemand: 2 } }), 'stage');
    expect(catalogue.gpuClasses.map(({ maxInstances }) => maxInstances)).toEqual([{ spot: 3, onDemand: 2 }]);
  });

  it('holds the caps of its Fleets', () => {
    const directory = withPart({ 'gpu-24gb': { spot: 2, onDemand: 1 } });
    expect(() => readConfig(directory, 'stage')).toThrow(
      /may run 2 onDemand Tasks, but maxInstances\.onDemand is 1/,
    );
  });

  it.each([
    ['more than there is', { 'gpu-24gb': { spot: 13, onDemand: 2 } }, /gpu-24gb is not a part.*"spot":12/],
    ['a class that is not there', { 'gpu-1tb': { spot: 1, onDemand: 1 } }, /gpu-1tb.*no such class/],
  ])('is not %s', (_what, part, message) => {
    expect(() => readConfig(withPart(part), 'stage')).toThrow(message);
  });
});

it('refuses a GPU class whose types cannot stand in for each other', () => {
  const directory = changed('gpu-classes.json', (classes) =>
    Object.values(classes).map((each) => ({
      ...(each as object),
      instanceTypes: ['g6.xlarge', 'p4d.24xlarge'],
    })),
  );
  expect(() => readConfig(directory, 'dev')).toThrow(/gpu-24gb: g6\.xlarge.*p4d\.24xlarge/);
});

it('refuses a budget of which nobody would be told', () => {
  const directory = changed('profiles/dev.json', (profile) => ({ ...profile, monthlyBudgetUsd: 100 }));
  expect(() => readConfig(directory, 'dev')).toThrow(/dev.*monthlyBudgetUsd needs an alarmEmail/);
});

it.each(['slackline/gpu-task:0.1.0', 'gpu-task', ''])(
  'refuses the image %j, which anybody could put on Docker Hub',
  (agentImage) => {
    const directory = changed('profiles/prod.json', (profile) => ({ ...profile, agentImage }));
    expect(() => readConfig(directory, 'prod')).toThrow(/names no registry/);
  },
);

it('refuses a Fleet of a GPU class that is not there, and names those that are', () => {
  const directory = changed('models/qwen3-8b.json', (model) => ({ ...model, gpuClass: 'gpu-1tb' }));
  expect(() => readConfig(directory, 'dev')).toThrow(/qwen3-8b names the GPU class gpu-1tb.*gpu-24gb/);
});

it('refuses flags that take another number of GPUs than a Task has', () => {
  const directory = changed('models/qwen2.5-72b-instruct.json', (model) => ({ ...model, gpusPerTask: 4 }));
  changedIn(directory, 'profiles/dev.json', (profile) => ({ ...profile, models: ['qwen2.5-72b-instruct'] }));
  expect(() => readConfig(directory, 'dev')).toThrow(/qwen25-72b.*take 8 GPUs.*gpusPerTask is 4/);
});

it('reads a model that runs on several GPUs, and only the GPU classes that are used', () => {
  const directory = changed('profiles/dev.json', (profile) => ({
    ...profile,
    models: ['qwen2.5-72b-instruct'],
  }));
  expect(readConfig(directory, 'dev').catalogue.gpuClasses.map(({ id }) => id)).toEqual(['gpu-8x40gb']);
});

const MODELS = readdirSync(join(CONFIG, 'models')).map((file) => file.replace(/\.json$/, ''));

it.each(MODELS)('reads the model %s by itself', (model) => {
  const directory = changed('profiles/dev.json', (profile) => ({ ...profile, models: [model] }));
  expect(readConfig(directory, 'dev').catalogue.fleets).toHaveLength(1);
});

it('refuses models that claim the same name', () => {
  const adapters = [{ id: 'qwen3-embedding-0.6b', source: 'folder', path: '/adapters/a' }];
  const directory = changed('models/qwen3-8b.json', (model) => ({ ...model, adapters }));
  expect(() => readConfig(directory, 'dev')).toThrow(/qwen3-8b: the adapter qwen3-embedding-0.6b/);
});

it('takes what was measured instead of the priors, and a profile’s own instead of both', () => {
  const on = { gpu: 'L4', vllm: '0.32.0', date: '2026-11-20', bench: 'npm run bench -- agent' };
  const measured = { tokensPerSecond: 1234, startMs: 98_765, on };
  const directory = changed('models/qwen3-8b.json', (model) => ({ ...model, measured }));
  const read = (profile: string) => readConfig(directory, profile).catalogue.fleets[0];
  expect(read('dev')).toMatchObject({ tokensPerSecond: 1234, startMs: 98_765 });
  expect(read('demo')).toMatchObject({ tokensPerSecond: 1800, startMs: 2000 });
});

it('refuses a profile with a field that it does not know', () => {
  const directory = changed('profiles/dev.json', (profile) => ({ ...profile, stakName: 'typo' }));
  expect(() => readConfig(directory, 'dev')).toThrow(/stakName/);
});

const engineOf = (engines: readonly string[]) =>
  readConfig(CONFIG, 'local', { engines }).catalogue.fleets.map(({ engine }) => engine);

it('replaces the engine of the Fleets that another can serve, and runs one Task of each', () => {
  expect(engineOf(['vllm:Qwen/Qwen3-0.6B'])).toMatchObject([
    { kind: 'vllm', command: ['vllm'], model: 'Qwen/Qwen3-0.6B' },
    { kind: 'simulated' },
    { kind: 'simulated' },
  ]);
  expect(engineOf(['http://127.0.0.1:11434/v1#qwen3:8b'])).toEqual([
    { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:11434/v1', model: 'qwen3:8b' },
    expect.objectContaining({ kind: 'simulated' }),
    expect.objectContaining({ kind: 'simulated' }),
  ]);
  const everyFleet = engineOf(['http://127.0.0.1:11434/v1']);
  expect(everyFleet.map(({ kind }) => kind)).toEqual(Array(3).fill('openai-compatible'));
  const both = ['vllm:a', 'qwen3-embedding-06b=vllm:b'];
  expect(engineOf(both)).toMatchObject([{ model: 'a' }, { model: 'b' }, { kind: 'simulated' }]);
  const { fleets } = readConfig(CONFIG, 'local', { engines: ['vllm:a'] }).catalogue;
  expect(fleets[0]?.maxTasks).toEqual({ spot: 1, onDemand: 0 });
});

it('takes a whole engine in JSON, for the Fleets that its flags fit', () => {
  const engine = { kind: 'vllm', model: 'e5', args: ['--runner', 'pooling'], startTimeoutMs: 1000 };
  expect(engineOf([JSON.stringify(engine)])).toMatchObject([{ kind: 'simulated' }, engine, engine]);
});

it('refuses an engine that it cannot read, or that no Fleet has a use for', () => {
  expect(() => engineOf(['llama'])).toThrow(/engine "llama": .*An engine is one of: vllm:/s);
  expect(() => engineOf(['{"kind":"vllm"}'])).toThrow(/model/);
  expect(() => engineOf(['nofleet=vllm:a'])).toThrow(/nofleet=vllm:a" fits no Fleet.*qwen3-8b/s);
});

it('names the profiles that there are where one is named that is not', () => {
  for (const name of ['nowhere', '../profiles/dev', '']) {
    expect(() => readConfig(CONFIG, name)).toThrow(`no profile ${name}. config/profiles has: cost-bytes, `);
  }
});

it('names a file that is missing', () => {
  const directory = changed('profiles/dev.json', (profile) => ({ ...profile, models: ['nothing'] }));
  expect(() => readConfig(directory, 'dev')).toThrow(/nothing\.json/);
});

describe('the context', () => {
  it('names a profile, and engines, one or several, and a commit', () => {
    const ofCdk = { '@aws-cdk/core:explicitStackTags': true };
    expect(contextSchema.parse({ ...ofCdk, profile: 'dev' })).toEqual({ profile: 'dev', engine: [] });
    expect(contextSchema.parse({ profile: 'dev', engine: 'vllm:a', commit: '' })).toEqual({
      ...{ profile: 'dev', engine: ['vllm:a'], commit: '' },
    });
    expect(contextSchema.parse({ profile: 'dev', engine: ['a', 'b'] }).engine).toEqual(['a', 'b']);
  });

  it('is refused without a profile, or with what is no text', () => {
    expect(() => contextSchema.parse({})).toThrow(/profile/);
    expect(() => contextSchema.parse({ profile: 'dev', engine: 1 })).toThrow(/engine/);
    expect(() => contextSchema.parse({ profile: 'dev', commit: true })).toThrow(/commit/);
  });
});
