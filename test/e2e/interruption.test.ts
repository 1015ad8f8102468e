import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { expectWhole, untilOver } from './finished.ts';
import { createBatch, type Harness, startHarness } from './harness.ts';
import { chatLines, idsUpTo } from './input.ts';

const REQUESTS = 300;

let stack: Harness;

beforeAll(async () => {
  stack = await startHarness();
}, 180_000);
afterAll(() => stack?.close(), 60_000);

/** Creates a Batch and waits until Segments hold a good part of it, but not all. */
async function batchInTheMiddle(): Promise<string> {
  const { id } = await createBatch(stack.client(), chatLines(REQUESTS));
  const isUnderWay = async () => (await stack.held(id)).size >= REQUESTS / 8;
  await vi.waitUntil(isUnderWay, { timeout: 90_000, interval: 50 });
  return id;
}

it('computes no line again that a Segment holds when its Task is killed', { timeout: 180_000 }, async () => {
  const sentBefore = stack.sent().length;
  const id = await batchInTheMiddle();
  const held = await stack.held(id);
  expect(held.size).toBeLessThan(REQUESTS);
  const tasks = await stack.tasks();
  expect(tasks.length).toBeGreaterThan(0);
  for (const { taskArn = '' } of tasks) await stack.interruptTask({ task: taskArn, kill: true });
  await vi.waitUntil(async () => gone(tasks, await stack.tasks()), { timeout: 10_000 });
  const sentUntilKill = stack.sent().length;

  await expectWhole(stack.client(), await untilOver(stack.client(), id), idsUpTo(REQUESTS));
  const sentAgain = stack.sent().slice(sentUntilKill);
  expect(sentAgain.filter((request) => held.has(request))).toEqual([]);
  expect(new Set(stack.sent().slice(sentBefore))).toEqual(new Set(idsUpTo(REQUESTS)));
});

it('computes no line again at all when its Task is told of an interruption', {
  timeout: 180_000,
}, async () => {
  const sentBefore = stack.sent().length;
  const id = await batchInTheMiddle();
  for (const { taskArn = '' } of await stack.tasks()) {
    await stack.interruptTask({ task: taskArn, noticeMs: 5_000 });
  }
  await expectWhole(stack.client(), await untilOver(stack.client(), id), idsUpTo(REQUESTS));
  const sent = stack.sent().slice(sentBefore);
  expect(sent.toSorted()).toEqual(idsUpTo(REQUESTS).toSorted());
});

function gone(
  before: readonly { readonly taskArn?: string | undefined }[],
  now: readonly { readonly taskArn?: string | undefined }[],
): boolean {
  return before.every((old) => now.every(({ taskArn }) => taskArn !== old.taskArn));
}
