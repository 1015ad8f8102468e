import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LogFiles, openLogFiles } from '../../local/log-files.ts';
import { silentLog } from '../fakes/log.ts';
import { agentRig } from '../gpu-task/agent-rig.ts';

let directory: string;
let troubles: string[];
let logs: LogFiles;
let nowMs = 0;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'logs-'));
  troubles = [];
  logs = openLogFiles({ directory, onTrouble: (line) => troubles.push(line), nowMs: () => nowMs });
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
  expect(troubles).toEqual([]);
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
  expect(troubles).toEqual([expected]);
});

/** What a Task's agent prints as its last words. */
const failure = (reason: string, fleetId = 'chat'): string =>
  JSON.stringify({ level: 'WARN', message: 'The agent ends with a failure.', fleetId, reason });
const ofTask = (name: string, line: string) => logs.onLog({ kind: 'task', name }, line);
const logOf = (task: string) => join(directory, `task-${task}.log`);

it('tells why a Task failed, once a minute for its Fleet while the reason stays', () => {
  ofTask('1', failure('no server'));
  ofTask('2', failure('no server'));
  ofTask('3', failure('no server', 'embed'));
  ofTask('4', failure('no such\n  model'));
  nowMs += 60_000;
  ofTask('5', failure('no such\n  model'));
  expect(troubles).toEqual([
    `chat: a Task failed: no server Log: ${logOf('1')}`,
    `embed: a Task failed: no server Log: ${logOf('3')}`,
    `chat: a Task failed: no such model Log: ${logOf('4')}`,
    `chat: a Task failed: no such model Log: ${logOf('5')}`,
  ]);
});

it('cuts a long reason short, but not the path of its log', () => {
  ofTask('1', failure('x'.repeat(1000)));
  expect(troubles[0]).toMatch(/^chat: a Task failed: x{500,600} Log: \//);
  expect(troubles[0]).toContain(logOf('1'));
});

it("knows the agent's words", async () => {
  const rig = agentRig();
  const warn = (message: string, fields = {}) =>
    ofTask('1', JSON.stringify({ level: 'WARN', message, fleetId: 'chat', ...fields }));
  rig.engine.breakDown();
  await rig.start({ log: { ...silentLog, warn } });
  expect(troubles).toEqual([expect.stringMatching(/^chat: a Task failed: Error: The engine was not ready/)]);
});

it('tells nothing of a caller without a good API key', () => {
  const lines = ['Error: Error: Unauthorized', '    at authorize (index.mjs:1:1)', 'Error: Error: no table'];
  for (const line of lines) logs.onLog({ kind: 'function', name: 'authorizer' }, line);
  expect(troubles).toEqual(['authorizer: Error: Error: no table']);
});

it('tells nothing more once the end has begun, and still writes it', () => {
  logs.hush();
  logs.onLog({ kind: 'stack', name: 'trouble' }, 'connect ECONNREFUSED');
  expect(troubles).toEqual([]);
  expect(readFileSync(join(directory, 'trouble.log'), 'utf8')).toBe('connect ECONNREFUSED\n');
});
