import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTcpEngine, type TcpEngine } from '../fakes/tcp-engine.ts';
import { expectWhole, untilOver } from './finished.ts';
import { createBatch, type Harness, startHarness } from './harness.ts';
import { chatLines, idsUpTo } from './input.ts';

const COUNT = 20;
const SETTINGS = { tokensPerSecond: 50_000, firstTokenMs: 1, startMs: 0, maxRunning: 16 };

let server: TcpEngine | undefined;
let stack: Harness | undefined;
beforeAll(async () => {
  server = await startTcpEngine({ ...SETTINGS, model: 'their-name:8b' });
  const engine = ['--engine', server.baseUrl];
  stack = await startHarness({ options: ['--profile', 'test', '--port', '0', ...engine] });
}, 180_000);
afterAll(async () => {
  await stack?.close();
  server?.close();
}, 60_000);

it('runs a Batch on a server that has one model, under another name than the Fleet’s', {
  timeout: 180_000,
}, async () => {
  if (stack === undefined) throw new Error('There is no stack.');
  const client = stack.client();
  const batch = await createBatch(client, chatLines(COUNT));
  const lines = await expectWhole(client, await untilOver(client, batch.id), idsUpTo(COUNT));
  const models = lines.map(({ response }) => response?.body.model);
  expect(models).toEqual(lines.map(() => 'their-name:8b'));
  // No engine of ours was started beside it.
  expect(stack.sent()).toEqual([]);
});
