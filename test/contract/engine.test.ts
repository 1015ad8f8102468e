import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import type { EngineClient } from '../../core/agent/ports.ts';
import { field, usageOf } from '../../core/agent/usage.ts';
import { parseJson, verdictOf } from '../../core/agent/verdict.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import type { Engine, EngineAddress, RunningEngine } from '../../gpu-task/engines/engine.ts';
import { openAiCompatibleEngine } from '../../gpu-task/engines/openai-compatible.ts';
import { simulatedEngine } from '../../gpu-task/engines/simulated.ts';

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

interface Subject {
  readonly engine: Engine;
  readonly close: () => void;
}

async function overTcp(): Promise<Subject> {
  const child = spawn(process.execPath, [PROGRAM], {
    env: { SIMULATED_ENGINE: JSON.stringify({ ...settings, listen: { port: 0 } }) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { port } = JSON.parse(line) as { port: number };
  const engine = openAiCompatibleEngine({ ...common, baseUrl: `http://127.0.0.1:${port}/v1/` });
  return { engine, close: () => void child.kill('SIGKILL') };
}

const subjects: Readonly<Record<string, () => Promise<Subject>>> = {
  simulated: async () => ({
    engine: simulatedEngine({ ...common, program: PROGRAM, settings, env: {} }),
    close: () => undefined,
  }),
  'openai-compatible': overTcp,
};

const chat = (content: string, more: object = {}) => ({
  model: 'm',
  messages: [{ role: 'user', content }],
  ...more,
});

describe.each(Object.entries(subjects))('an engine of kind %s', (_kind, open) => {
  let subject: Subject;
  let running: RunningEngine;
  let client: EngineClient;
  beforeAll(async () => {
    subject = await open();
    running = await subject.engine.start();
    client = connect(running.address);
  });
  afterAll(async () => {
    await running.stop();
    await client.close();
    subject.close();
  });
  const send = (path: string, body: object, signal = new AbortController().signal) =>
    client.send(path, Buffer.from(JSON.stringify(body)), signal);

  it('is healthy once it is started', async () => {
    expect(await client.isHealthy()).toBe(true);
    expect(running.engineStart).toBe(1);
  });

  it.each([
    ['/v1/chat/completions', chat('What is a lease?')],
    ['/v1/completions', { model: 'm', prompt: 'Once upon a time' }],
    ['/v1/responses', { model: 'm', input: 'Say something.' }],
    ['/v1/embeddings', { model: 'm', input: ['one', 'two'] }],
  ])('answers %s, finished and with its usage', async (path, body) => {
    const answer = await send(path, body);
    expect(verdictOf(path, answer).kind).toBe('completed');
    expect(usageOf(parseJson(answer.body)).inputTokens).toBeGreaterThan(0);
  });

  it('answers many Requests at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => send('/v1/chat/completions', chat(`Number ${i}`))),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
  });

  it('stops at max_tokens with finish_reason length', async () => {
    const answer = await send('/v1/chat/completions', chat('Tell me a long story.', { max_tokens: 3 }));
    const [choice] = field(parseJson(answer.body), 'choices') as readonly unknown[];
    expect(field(choice, 'finish_reason')).toBe('length');
    expect(usageOf(parseJson(answer.body)).outputTokens).toBe(3);
  });

  it('refuses for good what is wrong, with an error that says so', async () => {
    for (const body of [chat('hello', { model: 'another' }), chat('word '.repeat(2000))]) {
      const answer = await send('/v1/chat/completions', body);
      expect(verdictOf('/v1/chat/completions', answer).kind).toBe('failed');
      expect(field(field(parseJson(answer.body), 'error'), 'message')).toEqual(expect.any(String));
    }
  });

  it('ends a Request that is taken back', async () => {
    const takenBack = AbortSignal.abort();
    await expect(send('/v1/chat/completions', chat('hello'), takenBack)).rejects.toThrow();
    expect(await client.isHealthy()).toBe(true);
  });
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
    await vi.waitUntil(() => child.exitCode !== null);
    expect(child.exitCode).toBe(0);
  });
});

describe('an engine that is not there', () => {
  it('is not ready', async () => {
    const gone = openAiCompatibleEngine({ ...common, baseUrl: 'http://127.0.0.1:9/v1', readyTimeoutMs: 1 });
    await expect(gone.start()).rejects.toThrow('not ready within 1 ms');
  });
});
