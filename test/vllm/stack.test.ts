import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type OpenAI from 'openai';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { expectWhole, untilOver } from '../e2e/finished.ts';
import { type Harness, startHarness } from '../e2e/harness.ts';
import { idsUpTo } from '../e2e/input.ts';
import { isAlive, type ProcessFacts } from '../processes.ts';
import { cpuEngine } from './cpu-engine.ts';
import { batchOf, LONG_ANSWER_TOKENS } from './input.ts';
import { enginesOf } from './processes.ts';

// One stack, and one vLLM after another: the tests build on each other's warm Task.
const REQUESTS = 800;
const IN_FLIGHT_AT_MOST = 32;
const WITH_A_START_MS = 300_000;

let folder: string;
let sentFile: string;
let stack: Harness;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slackline-vllm-'));
  sentFile = join(folder, 'sent');
  const embedding = cpuEngine({ args: ['--runner', 'pooling', '--convert', 'embed'], sentFile });
  const engines = [cpuEngine({ sentFile }), embedding].flatMap((engine) => [
    '--engine',
    JSON.stringify(engine),
  ]);
  stack = await startHarness({ options: ['--profile', 'local', '--port', '0', ...engines] });
});
afterAll(async () => {
  await stack?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The Requests that vLLM was sent, each time it was. */
function sent(): readonly string[] {
  return existsSync(sentFile) ? readFileSync(sentFile, 'utf8').split('\n').filter(Boolean) : [];
}

const over = (batchId: string) => untilOver(stack.client(), batchId, WITH_A_START_MS);
const taskArns = async () => (await stack.tasks()).map(({ taskArn = '' }) => taskArn);

/** Kills one process of vLLM alone; what it leaves is the agent's to end. */
function killProcess(which: (facts: ProcessFacts, position: number) => boolean): void {
  const found = enginesOf(sentFile).find(which);
  if (found === undefined) throw new Error('No such process of this test’s vLLM runs.');
  process.kill(found.pid, 'SIGKILL');
}

/** Creates a Batch of long answers and waits until Segments hold a part of it. */
async function batchInTheMiddle(ids: readonly string[]): Promise<string> {
  const tokens = LONG_ANSWER_TOKENS;
  const { id } = await batchOf(stack.client(), { endpoint: '/v1/chat/completions', ids, tokens });
  await vi.waitUntil(async () => (await stack.held(id)).size > 0, { timeout: WITH_A_START_MS, interval: 50 });
  expect((await stack.held(id)).size).toBeLessThan(ids.length);
  return id;
}

it('answers Batches of chat requests and of completions, with the usage that vLLM counts', async () => {
  const ids = idsUpTo(40);
  const endpoints = ['/v1/chat/completions', '/v1/completions'] as const;
  const made = await Promise.all(endpoints.map((endpoint) => batchOf(stack.client(), { endpoint, ids })));
  for (const { id } of made) {
    const lines = await expectWhole(stack.client(), await over(id), ids);
    for (const { response } of lines) {
      expect(response?.body.choices[0]?.finish_reason).toBe('length');
      expect(response?.body.usage?.completion_tokens).toBe(20);
      expect(response?.body.usage?.prompt_tokens).toBeGreaterThan(20);
    }
  }
});

it('loses nothing and computes nothing again when its Task is told to stop in the middle', async () => {
  const ids = Array.from({ length: REQUESTS }, (_, i) => `stop-${i}`);
  const id = await batchInTheMiddle(ids);
  const tasks = await taskArns();
  for (const task of tasks) await stack.interruptTask({ task, notice: false, noticeMs: 0 });
  await vi.waitUntil(async () => !(await taskArns()).some((task) => tasks.includes(task)), {
    timeout: 60_000,
  });
  const [held, before] = [await stack.held(id), sent().length];
  expect(held.size).toBeLessThan(REQUESTS);

  await expectWhole(stack.client(), await over(id), ids);
  expect(
    sent()
      .slice(before)
      .filter((name) => held.has(name)),
  ).toEqual([]);
});

it.each([
  ['server', (_: ProcessFacts, position: number) => position === 0],
  // The server outlives it, and answers 500 to all that it has.
  ['EngineCore', ({ command }: ProcessFacts) => command.some((name) => name.includes('EngineCore'))],
] as const)(
  'starts vLLM anew when its %s is killed in the middle, and goes on within the same Task',
  async (part, which) => {
    const ids = Array.from({ length: REQUESTS }, (_, i) => `${part}-${i}`);
    const id = await batchInTheMiddle(ids);
    const tasks = await taskArns();
    const held = await stack.held(id);
    const before = sent().length;
    // What was sent just now takes longer than the kill.
    await vi.waitUntil(() => sent().length > before, { timeout: 30_000, interval: 10 });
    killProcess(which);

    await expectWhole(stack.client(), await over(id), ids);
    const again = sent()
      .slice(before)
      .filter((name) => held.has(name));
    expect(again).toEqual([]);
    const times = sent().filter((name) => name.startsWith(part)).length;
    expect(times - REQUESTS).toBeGreaterThan(0);
    expect(times - REQUESTS).toBeLessThanOrEqual(IN_FLIGHT_AT_MOST);
    expect(await taskArns()).toEqual(tasks);
  },
);

it('leaves no vLLM behind where the agent is killed without notice', async () => {
  const pids = enginesOf(sentFile).map(({ pid }) => pid);
  expect(pids.length).toBeGreaterThan(1);
  for (const task of await taskArns()) await stack.interruptTask({ task, kill: true });
  await vi.waitUntil(() => !pids.some(isAlive), { timeout: 15_000 });
});

it('answers a Batch of embeddings', async () => {
  const ids = Array.from({ length: 30 }, (_, i) => `embed-${i}`);
  const { id } = await batchOf(stack.client(), { endpoint: '/v1/embeddings', ids });
  const lines = await expectWhole(stack.client(), await over(id), ids);
  for (const { response } of lines) {
    const body = response?.body as unknown as OpenAI.CreateEmbeddingResponse | undefined;
    expect(body?.data[0]?.embedding.length).toBe(128);
    expect(body?.usage.prompt_tokens).toBeGreaterThan(20);
  }
  expect(new Set(sent().filter((name) => name.startsWith('embed-'))).size).toBe(30);
});
