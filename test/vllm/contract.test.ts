import { existsSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import type { EngineAddress } from '../../gpu-task/engines/engine.ts';
import { vllmEngine } from '../../gpu-task/engines/vllm.ts';
import { engineContract } from '../contract/engine-contract.ts';
import { cpuEngine } from './cpu-engine.ts';
import { enginesOf, isAlive } from './processes.ts';

const addresses: EngineAddress[] = [];
const lines: string[] = [];
const connect = (address: EngineAddress) => {
  addresses.push(address);
  return httpEngine({ ...address, connections: 32 });
};
const endpoints = ['/v1/chat/completions', '/v1/completions', '/v1/responses'];
const secret = { AWS_SECRET_ACCESS_KEY: 'a-secret' };
const common = { model: 'tiny', endpoints, env: { ...process.env, ...secret }, time: systemTime, connect };

describe('an engine of kind vllm', () => {
  const engine = vllmEngine({ ...common, config: cpuEngine(), onLine: (line) => lines.push(line) });
  engineContract(async () => ({ engine, close: () => undefined }), {
    ...{ connect, endpoints, model: 'tiny', startTimeoutMs: 240_000 },
  });

  it('sees no credentials, and prints no Request', () => {
    const processes = enginesOf(addresses[0]?.socketPath ?? '');
    expect(processes.length).toBeGreaterThan(0);
    for (const { environment } of processes) expect(environment).not.toContain('AWS_');
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
