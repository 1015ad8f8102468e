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
  const path = join(directory, file);
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')))));
  return directory;
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

it('refuses a profile with a field that it does not know', () => {
  const directory = changed('profiles/dev.json', (profile) => ({ ...profile, stakName: 'typo' }));
  expect(() => readConfig(directory, 'dev')).toThrow(/stakName/);
});

it('names a file that is missing', () => {
  expect(() => readConfig(CONFIG, 'nowhere')).toThrow(/nowhere\.json/);
});
