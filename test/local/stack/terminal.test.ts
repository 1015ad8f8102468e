import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeNotEmulated } from '../../../local/describe-not-emulated.ts';
import { type LogFiles, openLogFiles } from '../../../local/log-files.ts';
import { readOptions } from '../../../local/options.ts';

let directory: string;
let errors: string[];
let logs: LogFiles;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'logs-'));
  errors = [];
  logs = openLogFiles({ directory, onError: (line) => errors.push(line) });
});
afterEach(() => {
  logs.close();
  rmSync(directory, { recursive: true });
});

it('writes each source to a file of its own', () => {
  logs.onLog({ kind: 'function', name: 'files-api' }, '{"level":"INFO","message":"hello"}');
  logs.onLog({ kind: 'task', name: '0a1b' }, 'started');
  const content = (name: string) => readFileSync(join(directory, name), 'utf8');
  expect(content('files-api.log')).toBe('{"level":"INFO","message":"hello"}\n');
  expect(content('task-0a1b.log')).toBe('started\n');
  expect(errors).toEqual([]);
});

it.each([
  [
    'a structured error',
    '{"level":"ERROR","message":"failed","error":{"message":"no table"}}',
    'fn: failed: no table',
  ],
  [
    'a plain error',
    'RequestId: 1 Error: Task timed out after 3.00 seconds',
    'fn: RequestId: 1 Error: Task timed out after 3.00 seconds',
  ],
])('tells of %s in one line, once while it repeats', (_, line, expected) => {
  logs.onLog({ kind: 'function', name: 'fn' }, line);
  logs.onLog({ kind: 'function', name: 'fn' }, line);
  expect(errors).toEqual([expected]);
});

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
  expect(() => readOptions(['--profil', 'x'])).toThrow(/--profil/);
});

it('takes engines as they are written, but for folders, which it finds from here', () => {
  const ollama = 'http://127.0.0.1:11434/v1#qwen3:8b';
  const args = ['vllm:./tiny', 'embed=vllm:/models/e5', 'vllm:Qwen/Qwen3-8B', ollama];
  const options = readOptions(args.flatMap((engine) => ['--engine', engine]));
  expect(options?.engines).toEqual([`vllm:${resolve('tiny')}`, ...args.slice(1)]);
  expect(() => readOptions(['--engine', 'llama'])).toThrow(/The engine llama: .*It is one of: vllm:/s);
});
