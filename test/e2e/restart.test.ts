import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { expectWhole, untilOver } from './finished.ts';
import { createBatch, type Harness, startHarness } from './harness.ts';
import { chatLines, idsUpTo } from './input.ts';

const REQUESTS = 400;

let stack: Harness;

beforeAll(async () => {
  stack = await startHarness();
}, 180_000);
afterAll(() => stack?.close(), 60_000);

/** Waits until Segments hold this many lines, and gives them. */
async function untilHeld(batchId: string, lines: number): Promise<ReadonlySet<string>> {
  const isUnderWay = async () => (await stack.held(batchId)).size >= lines;
  await vi.waitUntil(isUnderWay, { timeout: 90_000, interval: 50 });
  const held = await stack.held(batchId);
  expect(held.size).toBeLessThan(REQUESTS);
  return held;
}

it('goes on after an orderly end and after a kill -9 of everything', { timeout: 300_000 }, async () => {
  const { id } = await createBatch(stack.client(), chatLines(REQUESTS));
  await untilHeld(id, REQUESTS / 8);
  const objects = stack.endpoint('s3');
  await stack.stop();
  const sentUntilStop = stack.sent();

  await stack.restart();
  expect(stack.endpoint('s3')).toBe(objects);
  // Ctrl-C let the Tasks write all that they had sent.
  expect(await stack.held(id)).toEqual(new Set(sentUntilStop));
  const held = await untilHeld(id, REQUESTS / 2);
  await stack.kill9();
  const sentUntilKill = stack.sent().length;

  await stack.restart();
  const client = stack.client();
  await expectWhole(client, await untilOver(client, id, 180_000), idsUpTo(REQUESTS));
  const sentAgain = stack.sent().slice(sentUntilKill);
  expect(sentAgain.filter((request) => held.has(request))).toEqual([]);
});

it('refuses a second stack on the same data', { timeout: 60_000 }, async () => {
  await expect(stack.startAnother()).rejects.toThrow(/is in use by another local stack \(process \d+\)/);
});
