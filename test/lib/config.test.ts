import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../lib/config.ts';
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

it.each(['dev', 'local', 'demo', 'test'])('reads the profile %s', (profile) => {
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
  ]);
  expect(engineOf(['http://127.0.0.1:11434/v1#qwen3:8b'])).toEqual([
    { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:11434/v1', model: 'qwen3:8b' },
    expect.objectContaining({ kind: 'simulated' }),
  ]);
  const everyFleet = engineOf(['http://127.0.0.1:11434/v1']);
  expect(everyFleet.map(({ kind }) => kind)).toEqual(['openai-compatible', 'openai-compatible']);
  const both = ['vllm:a', 'qwen3-embedding-06b=vllm:b'];
  expect(engineOf(both)).toMatchObject([{ model: 'a' }, { model: 'b' }]);
  const { fleets } = readConfig(CONFIG, 'local', { engines: ['vllm:a'] }).catalogue;
  expect(fleets[0]?.maxTasks).toEqual({ spot: 1, onDemand: 0 });
});

it('takes a whole engine in JSON, for the Fleets that its flags fit', () => {
  const engine = { kind: 'vllm', model: 'e5', args: ['--runner', 'pooling'], startTimeoutMs: 1000 };
  expect(engineOf([JSON.stringify(engine)])).toMatchObject([{ kind: 'simulated' }, engine]);
});

it('refuses an engine that it cannot read, or that no Fleet has a use for', () => {
  expect(() => engineOf(['llama'])).toThrow(/The engine llama: .*It is one of: vllm:/s);
  expect(() => engineOf(['{"kind":"vllm"}'])).toThrow(/model/);
  expect(() => engineOf(['nofleet=vllm:a'])).toThrow(/nofleet=vllm:a fits no Fleet.*qwen3-8b/s);
});

it('names a file that is missing', () => {
  expect(() => readConfig(CONFIG, 'nowhere')).toThrow(/nowhere\.json/);
});
