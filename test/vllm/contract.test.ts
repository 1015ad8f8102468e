import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import type { EngineAnswer, EngineClient } from '../../core/agent/ports.ts';
import { field } from '../../core/agent/usage.ts';
import { parseJson } from '../../core/agent/verdict.ts';
import { type Adapter, adapterSchema } from '../../core/fleet/adapter.ts';
import { adapterFiles } from '../../gpu-task/agent/adapter-files.ts';
import { adapterLoader } from '../../gpu-task/agent/adapter-loader.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import type { EngineAddress } from '../../gpu-task/engines/engine.ts';
import { vllmEngine } from '../../gpu-task/engines/vllm.ts';
import { engineContract } from '../contract/engine-contract.ts';
import { silentLog } from '../fakes/log.ts';
import { isAlive } from '../processes.ts';
import { cpuEngine } from './cpu-engine.ts';
import { enginesOf } from './processes.ts';
import { writeTinyLora } from './tiny-lora.ts';

const addresses: EngineAddress[] = [];
const lines: string[] = [];
const connect = (address: EngineAddress) => {
  addresses.push(address);
  return httpEngine({ ...address, connections: 32 });
};
const endpoints = ['/v1/chat/completions', '/v1/completions', '/v1/responses'] as const;
const secret = { AWS_SECRET_ACCESS_KEY: 'a-secret' };
const common = { model: 'tiny', endpoints, env: { ...process.env, ...secret }, time: systemTime, connect };

const folder = mkdtempSync(join(tmpdir(), 'slackline-adapters-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** Both are for rank 8; the files of the second are of rank 64. */
const [tuned, wrong] = ['tuned', 'wrong'].map((id) =>
  adapterSchema.parse({ id, source: 'folder', path: join(folder, id), rank: 8 }),
) as [Adapter, Adapter];
const prompt = { prompt: 'Once upon a time', max_tokens: 12, temperature: 0, ignore_eos: true };
const complete = (client: EngineClient, model: string): Promise<EngineAnswer> =>
  client.send(
    '/v1/completions',
    Buffer.from(JSON.stringify({ model, ...prompt })),
    new AbortController().signal,
  );
function textIn({ body }: EngineAnswer): unknown {
  const [choice] = field(parseJson(body), 'choices') as readonly unknown[];
  return field(choice, 'text');
}
describe('an engine of kind vllm', () => {
  const onLine = (line: string) => void lines.push(line);
  const engine = vllmEngine({ ...common, config: cpuEngine(), adapters: [tuned, wrong], onLine });
  engineContract(async () => ({ engine, close: () => undefined }), {
    ...{ connect, endpoints, model: 'tiny', startTimeoutMs: 240_000 },
  });

  it('loads an adapter while it runs, answers under its name, and outlives one that it cannot load', async () => {
    writeTinyLora(join(folder, 'tuned'), 8);
    writeTinyLora(join(folder, 'wrong'), 64);
    const client = connect(addresses[0] ?? { origin: '', basePath: '' });
    const live = { engineStart: 1, client, gone: new AbortController().signal };
    const files = adapterFiles({ get: async () => null }, systemTime);
    const deps = { adapterFiles: files, time: systemTime, log: silentLog };
    const loader = adapterLoader({ ...deps, random: Math.random }, { examine: async () => 'alive' });
    expect((await complete(client, 'tuned')).statusCode).toBe(404);
    expect(await loader.load(tuned, live)).toEqual({ kind: 'loaded' });
    expect(await loader.load(wrong, live)).toEqual({
      kind: 'failed',
      why: expect.stringContaining('LoRA rank 64 is greater than max_lora_rank 8'),
    });
    const [own, adapted] = [textIn(await complete(client, 'tiny')), textIn(await complete(client, 'tuned'))];
    expect([own, adapted]).toEqual([expect.any(String), expect.any(String)]);
    expect(adapted).not.toBe(own);
    await client.close();
  });

  it('sees no credentials, and prints no Request', () => {
    const processes = enginesOf(addresses[0]?.socketPath ?? '');
    expect(processes.length).toBeGreaterThan(0);
    for (const { environment } of processes) expect(environment.join('\n')).not.toContain('AWS_');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('\n')).not.toContain('long story');
  });

  it('is gone with all of its processes, and its socket, once its program is killed', async () => {
    const path = addresses[0]?.socketPath ?? '';
    const pids = enginesOf(path).map(({ pid }) => pid);
    expect(pids.length).toBeGreaterThan(1);
    if (pids[0] !== undefined) process.kill(pids[0], 'SIGKILL');
    await vi.waitUntil(() => !existsSync(path), { timeout: 15_000 });
    expect(pids.filter(isAlive)).toEqual([]);
  });
});

describe('an engine of kind vllm that cannot start', () => {
  it('fails where its program is not there', async () => {
    const config = { ...cpuEngine(), command: ['no-such-vllm'] as [string] };
    const engine = vllmEngine({ ...common, config, onLine: (line) => lines.push(line) });
    await expect(engine.start()).rejects.toThrow('ended before it was ready');
    expect(lines.at(-1)).toContain('no-such-vllm');
  });
});
