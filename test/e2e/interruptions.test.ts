import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Random, seededRandom } from '../protocol/random.ts';
import { type EngineEvent, engineEvents } from './engine-events.ts';
import { expectWhole, untilOver } from './finished.ts';
import { createBatch, EVENTS_FILE, type Harness, startHarness } from './harness.ts';
import { chatLines, idsUpTo } from './input.ts';
import { type Kill, recomputed } from './recomputed.ts';

const INTERRUPTIONS = 20;
const REQUESTS = 2200;
/** Requests sent between two interruptions, at most; with what is in flight they all fit into the Batch. */
const MAX_BETWEEN = 80;
const NOTICES_MS = [3_000, 6_000];
/** The profile `test` stores every 300 ms; the rest is for the put on a busy machine. */
const STORED_WITHIN_MS = 300 + 5_000;

const seed = Number(process.env['SLACKLINE_SEED'] ?? Date.now() % 1_000_000_000);
let stack: Harness;

beforeAll(async () => {
  stack = await startHarness();
}, 180_000);
afterAll(() => stack?.close(), 60_000);

const events = (): readonly EngineEvent[] => engineEvents(join(stack.folder, EVENTS_FILE));

/** Ends a Task that runs in one of the ways in which Tasks end; a kill is told. */
async function endOne(random: Random, batchId: string): Promise<Kill | null> {
  const tasks = await vi.waitUntil(
    async () => {
      const running = await stack.tasks();
      return running.length > 0 && running;
    },
    { timeout: 60_000, interval: 50 },
  );
  const { taskArn: task = '' } = random.pick(tasks);
  const cause = random.pick(['notice', 'SIGTERM', 'SIGKILL'] as const);
  if (cause === 'SIGTERM') await stack.stopTask(task);
  if (cause === 'notice') await stack.interruptTask({ task, noticeMs: random.pick(NOTICES_MS) });
  if (cause !== 'SIGKILL') return null;
  const held = await stack.held(batchId);
  const atMs = Date.now();
  await stack.interruptTask({ task, kill: true });
  return { atMs, held };
}

it(`loses no line and computes none again without need in ${INTERRUPTIONS} interruptions from SLACKLINE_SEED=${seed}`, {
  timeout: 400_000,
}, async () => {
  const random = seededRandom(seed);
  const { id } = await createBatch(stack.client(), chatLines(REQUESTS));
  const kills: Kill[] = [];
  for (let i = 0; i < INTERRUPTIONS; i++) {
    const goal = stack.sent().length + random.int(1, MAX_BETWEEN);
    await vi.waitUntil(() => stack.sent().length >= goal, { timeout: 60_000, interval: 20 });
    const kill = await endOne(random, id);
    if (kill !== null) kills.push(kill);
  }
  expect((await stack.client().batches.retrieve(id)).status).toBe('in_progress');
  await expectWhole(stack.client(), await untilOver(stack.client(), id, 240_000), idsUpTo(REQUESTS));

  const again = recomputed(events(), kills);
  expect(again.filter(({ kill }) => kill === null)).toEqual([]);
  expect(again.filter(({ kill, request }) => kill?.held.has(request))).toEqual([]);
  const late = again.filter(({ answeredBeforeMs }) => (answeredBeforeMs ?? 0) > STORED_WITHIN_MS);
  expect(late).toEqual([]);
});
