import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parseEngineOption } from '../../../core/fleet/engine-option.ts';
import type { FleetId } from '../../../core/ids.ts';
import { describeNotEmulated } from '../../../local/describe-not-emulated.ts';
import { welcome } from '../../../local/main/welcome.ts';
import { readOptions } from '../../../local/options.ts';
import { sampleFleet } from '../../fakes/fleet.ts';

it('gathers what is not emulated by service', () => {
  const text = describeNotEmulated(['AWS::EC2::VPC', 'AWS::IAM::Role', 'AWS::EC2::Subnet', 'Lambda layers']);
  expect(text).toContain('EC2 (VPC, Subnet), IAM (Role).');
  expect(text).toContain('- Lambda layers');
});

it('reads the command line, and says what is wrong with it', () => {
  const options = readOptions(['--port', '0', '--data', '/data', '--task-env', 'A=b=c', '--profile', 'test']);
  expect(options).toEqual({
    profile: 'test',
    port: 0,
    dataDirectory: '/data',
    taskEnvironment: { A: 'b=c' },
    engines: [],
  });
  expect(readOptions(['--help'])).toBeUndefined();
  expect(readOptions([])).toMatchObject({ profile: 'local', port: undefined });
  expect(() => readOptions(['--port', 'many'])).toThrow('--port many: a whole number');
  expect(() => readOptions(['--task-env', 'A'])).toThrow('--task-env A: of the form NAME=value');
  expect(() => readOptions(['--profil', 'x'])).toThrow(/--profil'.*--help names the options/s);
});

it('takes engines as they are written, but for folders, which it finds from here', () => {
  const ollama = 'http://127.0.0.1:11434/v1#qwen3:8b';
  const args = ['vllm:./tiny', 'embed=vllm:/models/e5', 'vllm:Qwen/Qwen3-8B', ollama];
  const options = readOptions(args.flatMap((engine) => ['--engine', engine]));
  expect(options?.engines).toEqual([`vllm:${resolve('tiny')}`, ...args.slice(1)]);
  expect(() => readOptions(['--engine', 'llama'])).toThrow(/engine "llama": .*An engine is one of: vllm:/s);
});

it('welcomes with the engine of each Fleet before the base URL', () => {
  const text = welcome({
    baseUrl: 'http://127.0.0.1:4242/v1',
    apiKey: 'sk-1',
    dataDirectory: '/data',
    seconds: 1,
    fleets: [
      { id: 'chat' as FleetId, engine: { kind: 'openai-compatible', baseUrl: 'http://o/v1', model: 'q:8b' } },
      { id: 'any' as FleetId, engine: { kind: 'openai-compatible', baseUrl: 'http://o/v1' } },
      { id: 'own' as FleetId, engine: parseEngineOption('vllm:/m').engine },
      { id: 'embed' as FleetId, engine: sampleFleet().engine },
    ],
    silent: new Set(['any']),
    notEmulated: { count: 28, file: '/data/not-emulated.txt' },
  });
  const before = text
    .slice(0, text.indexOf('Base URL'))
    .split('\n')
    .map((line) => line.trim());
  expect(before).toEqual(
    expect.arrayContaining([
      'chat: http://o/v1 (q:8b)',
      'any: http://o/v1: gives no answer now. Start it, or Batches wait for it.',
      'own: vLLM (/m)',
      'embed: simulated',
    ]),
  );
  expect(before.filter((line) => line.includes('28'))).toEqual([
    expect.stringContaining('/data/not-emulated.txt'),
  ]);
});
