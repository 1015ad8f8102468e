import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { type Fault, faultsFrom } from '../../gpu-task/engines/simulated/faults.ts';
import { simulatedServer } from '../../gpu-task/engines/simulated/server.ts';
import { answerTo } from '../../gpu-task/engines/simulated/text.ts';

/** A machine that does other things besides takes seconds. */
const PATIENT = { timeout: 20_000 };

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function open(options: { readonly tokensPerSecond?: number; readonly fault?: Fault } = {}) {
  const { tokensPerSecond = 50_000, fault = null } = options;
  const settings = { model: 'm', tokensPerSecond, firstTokenMs: 0, startMs: 0, maxRunning: 1 };
  const { server, abortAll } = simulatedServer({
    settings: { ...settings, listen: { port: 0 } },
    faultFor: () => fault,
    onRequest: () => undefined,
    die: () => undefined,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const chat = (content: string, signal?: AbortSignal) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] }),
      ...(signal && { signal }),
    });
  const get = async (path: string): Promise<string> => (await fetch(`${url}${path}`)).text();
  return { chat, get, abortAll };
}

it('shows its work under the names of vLLM', async () => {
  const { chat, get } = await open();
  await chat('hello');
  const metrics = await get('/metrics');
  expect(metrics).toContain('vllm:num_requests_running{model_name="m"} 0');
  expect(metrics).toMatch(/vllm:generation_tokens_total\{model_name="m"\} [1-9]/);
  expect(metrics).toContain('vllm:request_success_total{model_name="m",finished_reason="stop"} 1');
  expect(JSON.parse(await get('/v1/models'))).toMatchObject({ data: [{ id: 'm' }] });
});

it('runs no more at once than it may; the others wait, and leave when their client does', async () => {
  const { chat, get, abortAll } = await open({ tokensPerSecond: 1 });
  const leaving = new AbortController();
  const first = chat('one');
  await vi.waitUntil(async () => (await get('/metrics')).includes('running{model_name="m"} 1'), PATIENT);
  const second = chat('two', leaving.signal);
  await vi.waitUntil(async () => (await get('/metrics')).includes('waiting{model_name="m"} 1'), PATIENT);
  leaving.abort();
  await expect(second).rejects.toThrow();
  await vi.waitUntil(async () => (await get('/metrics')).includes('waiting{model_name="m"} 0'), PATIENT);
  abortAll();
  const { choices } = (await (await first).json()) as { choices: { finish_reason: string }[] };
  expect(choices[0]?.finish_reason).toBe('abort');
});

it('answers the status that it is told to', async () => {
  const { chat } = await open({ fault: { kind: 'status', status: 429, retryAfterSeconds: 7 } });
  const answer = await chat('hello');
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
});

it('never answers while it stalls', async () => {
  const { chat } = await open({ fault: { kind: 'stall' } });
  await expect(chat('hello', AbortSignal.timeout(200))).rejects.toThrow('timeout');
});

it('takes the first fault that applies, as often as it says, over all starts of the engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slackline-faults-'));
  closers.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'faults.json');
  writeFileSync(
    file,
    JSON.stringify([
      { when: 'bad', does: { kind: 'die' }, times: 1 },
      { when: 'slow', does: { kind: 'stall' } },
    ]),
  );
  expect(faultsFrom(file)('good')).toBeNull();
  expect(faultsFrom(file)('bad')).toEqual({ kind: 'die' });
  expect(faultsFrom(file)('bad')).toBeNull();
  expect(faultsFrom(file)('slow')).toEqual({ kind: 'stall' });
});

it.each([
  ['Classify the review as positive, negative or neutral: great!', ['positive', 'negative', 'neutral']],
  ['Which is it? Answer with one of: red, green, blue.', ['red', 'green', 'blue']],
])('answers %j with a label that it offers, always the same', (prompt, labels) => {
  expect(labels).toContain(answerTo(prompt));
  expect(answerTo(prompt)).toBe(answerTo(prompt));
});
