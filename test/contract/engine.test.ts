import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import type { EngineClient } from '../../core/agent/ports.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import type { EngineAddress } from '../../gpu-task/engines/engine.ts';
import { openAiCompatibleEngine } from '../../gpu-task/engines/openai-compatible.ts';
import { simulatedEngine } from '../../gpu-task/engines/simulated.ts';
import { startTcpEngine } from '../fakes/tcp-engine.ts';
import { type EngineSubject, engineContract } from './engine-contract.ts';

const PROGRAM = join(import.meta.dirname, '../../gpu-task/simulated-engine.ts');
const settings = {
  model: 'm',
  tokensPerSecond: 20_000,
  firstTokenMs: 1,
  startMs: 0,
  maxRunning: 8,
  contextTokens: 500,
};
const connect = (address: EngineAddress): EngineClient => httpEngine({ ...address, connections: 8 });
const common = { time: systemTime, readyTimeoutMs: 20_000, connect };
const served = { ...common, model: 'm', endpoints: ['/v1/chat/completions'] };

async function overTcp(): Promise<EngineSubject> {
  const { baseUrl, close } = await startTcpEngine(settings);
  return { engine: openAiCompatibleEngine({ ...served, baseUrl: `${baseUrl}/` }), close };
}

const subjects: Readonly<Record<string, () => Promise<EngineSubject>>> = {
  simulated: async () => ({
    engine: simulatedEngine({ ...common, program: PROGRAM, settings, env: {} }),
    close: () => undefined,
  }),
  'openai-compatible': overTcp,
};

describe.each(Object.entries(subjects))('an engine of kind %s', (_kind, open) => {
  engineContract(open, { connect, model: 'm' });
});

describe('a simulated engine', () => {
  const engine = () => simulatedEngine({ ...common, program: PROGRAM, settings, env: {} });

  it('counts its starts and says when it has ended', async () => {
    const one = engine();
    const first = await one.start();
    first.kill();
    await first.exited;
    const second = await one.start();
    expect([first.engineStart, second.engineStart]).toEqual([1, 2]);
    const client = connect(second.address);
    await second.stop();
    expect(await client.isHealthy()).toBe(false);
    await client.close();
  });

  it('fails to start where its process ends', async () => {
    const wrong = { ...settings, maxRunning: 0 };
    const broken = simulatedEngine({ ...common, program: PROGRAM, settings: wrong, env: {} });
    await expect(broken.start()).rejects.toThrow('ended before it was ready');
  });

  it('ends when whoever started it is gone', async () => {
    const child = spawn(process.execPath, [PROGRAM], {
      env: { SIMULATED_ENGINE: JSON.stringify({ ...settings, listen: { port: 0 } }) },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.stdin.end();
    await vi.waitUntil(() => child.exitCode !== null, { timeout: 20_000 });
    expect(child.exitCode).toBe(0);
  });
});

describe('an engine that is not there', () => {
  it('is not ready', async () => {
    const gone = openAiCompatibleEngine({ ...served, baseUrl: 'http://127.0.0.1:9/v1', readyTimeoutMs: 1 });
    await expect(gone.start()).rejects.toThrow('not ready within 1 ms');
  });
});
