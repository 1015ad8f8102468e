import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EngineClient } from '../../core/agent/ports.ts';
import { field, usageOf } from '../../core/agent/usage.ts';
import { parseJson, verdictOf } from '../../core/agent/verdict.ts';
import { ENDPOINTS, type Endpoint } from '../../core/fleet/endpoints.ts';
import type { Engine, EngineAddress, RunningEngine } from '../../gpu-task/engines/engine.ts';

export interface EngineSubject {
  readonly engine: Engine;
  readonly close: () => void;
}

export interface ContractOptions {
  readonly connect: (address: EngineAddress) => EngineClient;
  readonly model: string;
  /** Left out, with its test, where the engine's model cannot do it. @default - all of them */
  readonly endpoints?: readonly Endpoint[];
  readonly startTimeoutMs?: number;
}

const PROMPTS: Readonly<Record<Endpoint, object>> = {
  '/v1/chat/completions': { messages: [{ role: 'user', content: 'What is a lease?' }] },
  '/v1/completions': { prompt: 'Once upon a time' },
  '/v1/responses': { input: 'Say something.' },
  '/v1/embeddings': { input: ['one', 'two'] },
  '/v1/score': { text_1: 'one', text_2: ['two', 'three'] },
  '/v1/rerank': { query: 'one', documents: ['two', 'three', 'four'], top_n: 2 },
};

/** What the agent relies on in every engine, which must take no more than some 500 to 1900 tokens of context. */
export function engineContract(open: () => Promise<EngineSubject>, options: ContractOptions): void {
  const { connect, model, endpoints = ENDPOINTS, startTimeoutMs = 60_000 } = options;
  let subject: EngineSubject;
  let running: RunningEngine;
  let client: EngineClient;
  beforeAll(async () => {
    subject = await open();
    running = await subject.engine.start();
    client = connect(running.address);
  }, startTimeoutMs);
  afterAll(async () => {
    await running?.stop();
    await client?.close();
    subject?.close();
  });
  const send = (path: string, body: object, signal = new AbortController().signal) =>
    client.send(path, Buffer.from(JSON.stringify(body)), signal);
  const chat = (content: string, more: object = {}) => ({
    model,
    messages: [{ role: 'user', content }],
    ...more,
  });

  it('is healthy once it is started', async () => {
    expect(await client.isHealthy()).toBe(true);
    expect(running.engineStart).toBe(1);
  });

  it.each(endpoints)('answers %s, finished and with its usage', async (path) => {
    const answer = await send(path, { model, ...PROMPTS[path] });
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
    const body = chat('Tell me a long story.', { max_tokens: 3, ignore_eos: true });
    const answer = await send('/v1/chat/completions', body);
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
}
