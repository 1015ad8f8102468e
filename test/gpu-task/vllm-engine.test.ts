import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import type { EngineClient } from '../../core/agent/ports.ts';
import { type Adapter, adapterSchema } from '../../core/fleet/adapter.ts';
import { mediaFlags } from '../../core/fleet/media-flags.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import type { EngineAddress, RunningEngine } from '../../gpu-task/engines/engine.ts';
import { vllmEngine } from '../../gpu-task/engines/vllm.ts';
import { isAlive } from '../processes.ts';

const STUB = join(import.meta.dirname, 'stub-vllm.ts');
const ENGINE_PROCESS = join(import.meta.dirname, '../../gpu-task/engines/engine-process.ts');

let folder: string;
let report: string;
let running: RunningEngine | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slackline-test-'));
  report = join(folder, 'report.json');
});
afterEach(async () => {
  running?.kill();
  await running?.exited;
  running = undefined;
  rmSync(folder, { recursive: true });
});

const connect = (address: EngineAddress) => httpEngine({ ...address, connections: 2 });
const lines: string[] = [];

function stubEngine(
  env: Readonly<Record<string, string>> = {},
  adapters: readonly Adapter[] = [],
  connectTo = connect,
) {
  return vllmEngine({
    adapters,
    config: {
      kind: 'vllm',
      command: [process.execPath, STUB],
      model: 'a/model',
      args: ['--max-num-seqs', '8', '--uds', '/elsewhere'],
      env: { STUB_REPORT: report, ...env },
      secrets: { ACME_LICENSE: 'arn:aws:ssm:eu-west-1:123456789012:parameter/license' },
      startTimeoutMs: 20_000,
    },
    model: 'tiny',
    endpoints: ['/v1/chat/completions', '/v1/embeddings'],
    env: {
      ...{ PATH: process.env['PATH'], AWS_SESSION_TOKEN: 'secret', ECS_AGENT_URI: 'x', HF_TOKEN: 'y' },
      ...{ ACME_LICENSE: 'z', OTHER_LICENSE: 'z' },
    },
    ...{ time: systemTime, connect: connectTo, onLine: (line: string) => lines.push(line) },
  });
}

interface Seen {
  readonly args: readonly string[];
  readonly names: readonly string[];
  readonly pids: readonly number[];
}
const seen = (): Seen => JSON.parse(readFileSync(report, 'utf8')) as Seen;

it('serves the model under the Fleet’s name on its own socket, whatever the flags say', async () => {
  running = await stubEngine().start();
  const { socketPath = '' } = running.address;
  const ours = ['--disable-uvicorn-access-log', '--served-model-name', 'tiny', '--uds', socketPath];
  const given = ['--max-num-seqs', '8', '--uds', '/elsewhere'];
  expect(seen().args).toEqual(['serve', 'a/model', ...given, ...mediaFlags([]), ...ours]);
  expect(Buffer.byteLength(socketPath)).toBeLessThanOrEqual(100);
  expect(lines).toContain('INFO starting');
});

it('lets the engine load adapters while it runs, and only where there are some', async () => {
  const adapters = [adapterSchema.parse({ id: 'formal', source: 'folder', path: '/adapters/formal' })];
  running = await stubEngine({}, adapters).start();
  const { args, names } = seen();
  expect(args.slice(2)).toEqual(expect.arrayContaining(['--enable-lora', '--api-server-count', '1']));
  // The catalogue's own flags come behind, so that it can have more places, or fewer.
  expect(args.indexOf('--max-loras')).toBeLessThan(args.indexOf('--max-num-seqs'));
  expect(names).toContain('VLLM_ALLOW_RUNTIME_LORA_UPDATING');
  running.kill();
  await running.exited;
  running = await stubEngine().start();
  expect(seen().args).not.toContain('--enable-lora');
  expect(seen().names).not.toContain('VLLM_ALLOW_RUNTIME_LORA_UPDATING');
});

it('shows the engine the environment without anything of AWS', async () => {
  running = await stubEngine().start();
  const shown = ['PATH', 'HF_TOKEN', 'STUB_REPORT', 'VLLM_HTTP_TIMEOUT_KEEP_ALIVE'];
  expect(seen().names).toEqual(expect.arrayContaining(shown));
  expect(seen().names.filter((name) => /^(AWS|ECS)_/.test(name))).toEqual([]);
});

it('shows the engine the secrets that the catalogue has for it, and no more', async () => {
  running = await stubEngine().start();
  expect(seen().names.filter((name) => name.endsWith('_LICENSE'))).toEqual(['ACME_LICENSE']);
});

it('does not start where a probe of the Fleet’s endpoint is refused, and leaves nothing', async () => {
  await expect(stubEngine({ STUB_PROBE_STATUS: '404' }).start()).rejects.toThrow(
    'answers 404 to a probe of /v1/embeddings: The model has no such task.',
  );
  expect(seen().pids.filter(isAlive)).toEqual([]);
});

it('ends what the engine started, and says so, when its program dies', async () => {
  running = await stubEngine().start();
  process.kill(seen().pids[0] ?? 0, 'SIGKILL');
  await running.exited;
  expect(seen().pids.filter(isAlive)).toEqual([]);
  expect(existsSync(running.address.socketPath ?? '')).toBe(false);
});

it('kills an engine that does not stop when it is told to, and keeps of its line only what may be kept', async () => {
  running = await stubEngine().start();
  await running.stop();
  expect(lines).toContain('(APIServer pid=1) INFO 01-01 00:00:00 [stub.py:9] (text withheld)');
  expect(seen().pids.filter(isAlive)).toEqual([]);
});

it('gives up a start that is taken back, and leaves nothing', async () => {
  const stop = new AbortController();
  const unready = (address: EngineAddress): EngineClient => ({
    ...connect(address),
    async isHealthy() {
      if (existsSync(report)) stop.abort();
      return false;
    },
  });
  await expect(stubEngine({}, [], unready).start(stop.signal)).rejects.toThrow('was given up');
  expect(seen().pids.filter(isAlive)).toEqual([]);
});

it('starts nothing where that was given up before', async () => {
  const connected: EngineAddress[] = [];
  const started = stubEngine({}, [], (address) => {
    connected.push(address);
    return connect(address);
  });
  await expect(started.start(AbortSignal.abort())).rejects.toThrow('was given up');
  expect(connected).toEqual([]);
});

it('ends with whoever started it, even where that is killed', async () => {
  const code = `
    import { startEngineProcess } from ${JSON.stringify(ENGINE_PROCESS)};
    const command = [process.execPath, ${JSON.stringify(STUB)}, '--uds', ${JSON.stringify(join(folder, 's'))}];
    startEngineProcess({ command, env: { ...process.env }, onLine: () => undefined });
  `;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, STUB_REPORT: report },
    stdio: 'inherit',
  });
  await vi.waitUntil(() => existsSync(join(folder, 's')), { timeout: 20_000 });
  const { pids } = seen();
  expect(pids.every(isAlive)).toBe(true);
  owner.kill('SIGKILL');
  await vi.waitUntil(() => !pids.some(isAlive), { timeout: 10_000 });
});
