import { expect, it } from 'vitest';
import { agentRig } from './agent-rig.ts';
import { chatAnswer, jsonAnswer } from './fake-engine.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `line-${i}`);
const busy = jsonAnswer(503, { error: { message: 'Too many requests are queued.' } });

it('loses no line to a server that is busy for a while', async () => {
  const rig = agentRig();
  await rig.enrol(names(500));
  await rig.dispatch();
  const freeAtMs = rig.time.monotonicMs() + 60_000;
  rig.engine.respondWith(() => (rig.time.monotonicMs() < freeAtMs ? busy : chatAnswer()));
  void rig.start();
  await rig.time.advance(120_000);
  await rig.record();
  expect(rig.shard()).toMatchObject({ state: 'settled', totals: { completed: 500, failed: 0 } });
});

it('asks a busy server less and less often, with the same lines', async () => {
  const rig = agentRig();
  await rig.enrol(names(500));
  await rig.dispatch();
  rig.engine.respondWith(() => busy);
  void rig.start();
  await rig.time.advance(60_000);
  // Pauses double from a quarter of a second to half a minute.
  expect(rig.engine.sent.length).toBeLessThanOrEqual(9 * rig.fleet.concurrency);
  expect(new Set(rig.engine.sent).size).toBe(rig.fleet.concurrency);
});

it('keeps all lines back as long as a busy server asks for', async () => {
  const rig = agentRig();
  await rig.enrol(names(20));
  await rig.dispatch();
  let first = true;
  rig.engine.respondWith(() => {
    if (!first) return null;
    first = false;
    return { ...busy, retryAfterMs: 9000 };
  });
  void rig.start();
  await rig.time.settle();
  rig.engine.answerAll();
  await rig.time.advance(8900);
  const { concurrency } = rig.fleet;
  expect(rig.engine.sent).toHaveLength(concurrency);
  await rig.time.advance(200);
  expect(rig.engine.sent).toHaveLength(2 * concurrency);
});

it('does not let one line that is always refused hold up the others', async () => {
  const rig = agentRig();
  await rig.enrol([...names(100), 'the-unwanted-one']);
  await rig.dispatch();
  rig.engine.respondWith((body) => (body.includes('unwanted') ? busy : chatAnswer()));
  void rig.start();
  await rig.time.advance(2000);
  expect(rig.engine.sent.filter((body) => !body.includes('unwanted'))).toHaveLength(100);
  await rig.time.advance(rig.fleet.request.timeoutMs * 2);
  await rig.record();
  expect(rig.shard()).toMatchObject({ state: 'settled', totals: { completed: 100, failed: 1 } });
});

it('gives a server that takes one at a time the next as soon as it is free, and fails no line that had to wait', async () => {
  const rig = agentRig();
  await rig.enrol(names(60));
  await rig.dispatch();
  const crowded = jsonAnswer(429, { error: { message: 'One at a time.' } });
  rig.engine.respondWith(() => (rig.engine.held.length > 1 ? crowded : null));
  void rig.start();
  await rig.time.settle();
  let idle = 0;
  // Five minutes: far more than a line may wait for a server that takes nobody.
  for (let answered = 0; answered < 60; answered++) {
    await rig.time.advance(5000);
    if (rig.engine.held.length === 0) idle++;
    rig.engine.held[0]?.answer();
    await rig.time.settle();
  }
  expect(idle).toBeLessThan(3);
  await rig.time.advance(20_000);
  rig.engine.answerAll();
  await rig.time.advance(20_000);
  await rig.record();
  expect(rig.shard()?.totals).toMatchObject({ failed: 0 });
  expect(rig.shard()?.totals.completed).toBeGreaterThan(57);
});

it('fails no line while the server works on others, however long', async () => {
  const rig = agentRig();
  await rig.enrol(['the-late-one', ...names(40)]);
  await rig.dispatch();
  const lateUntilMs = rig.time.monotonicMs() + 1.5 * rig.fleet.request.timeoutMs;
  const isLate = (body: string) => body.includes('late') && rig.time.monotonicMs() < lateUntilMs;
  rig.engine.respondWith((body) => (isLate(body) || rig.engine.held.length > 1 ? busy : null));
  void rig.start();
  for (let answered = 0; answered < 60; answered++) {
    await rig.time.advance(5000);
    rig.engine.held[0]?.answer();
  }
  await rig.time.advance(60_000);
  rig.engine.answerAll();
  await rig.time.advance(20_000);
  await rig.record();
  expect(rig.shard()).toMatchObject({ state: 'settled', totals: { completed: 41, failed: 0 } });
});

it('does not take a time-out for time that the server was busy', async () => {
  const rig = agentRig();
  await rig.enrol(['line-0']);
  await rig.dispatch();
  const answers = [busy, null, busy, chatAnswer()];
  rig.engine.respondWith(() => answers.shift() ?? null);
  void rig.start();
  await rig.time.advance(2 * rig.fleet.request.timeoutMs);
  await rig.record();
  expect(rig.shard()).toMatchObject({ state: 'settled', totals: { completed: 1, failed: 0 } });
});
