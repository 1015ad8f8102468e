import { expect, it } from 'vitest';
import { STOP_TIMEOUT_MS } from '../../core/agent/stop-plan.ts';
import { stopSignals } from '../../gpu-task/agent/stop-signals.ts';
import { silentLog } from '../fakes/log.ts';
import { agentRig } from './agent-rig.ts';
import { virtualTime } from './virtual-time.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `line-${i}`);

async function running(lines = 8) {
  const rig = agentRig();
  await rig.enrol(names(lines), 0);
  await rig.enrol(names(2), 1);
  await rig.dispatch(0);
  const exit = rig.start();
  await rig.time.settle();
  return { rig, exit };
}

it('stores what is finished at once, admits nothing more and lets what is in flight finish', async () => {
  const { rig, exit } = await running();
  rig.engine.held[0]?.answer();
  await rig.time.settle();
  const sent = rig.engine.sent.length;
  rig.stop({ kind: 'asked', atMs: rig.time.nowMs() });
  await rig.time.settle();
  expect(rig.segments()).toEqual(['1.1']);
  await rig.dispatch(1);
  await rig.time.advance(6000);
  expect(rig.engine.sent).toHaveLength(sent);
  expect(rig.shard(0).lease).not.toBeNull();
  rig.engine.answerAll();
  expect(await exit).toBe(0);
  await rig.record();
  expect(rig.shard(1).lease).toBeNull();
  expect(rig.shard(0)).toMatchObject({ state: 'open', lease: null, totals: { completed: 5 } });
  expect(rig.engine.isRunning()).toBe(false);
});

it('ends well although its engine dies during the stop and does not come up again', async () => {
  const { rig, exit } = await running();
  rig.stop({ kind: 'asked', atMs: rig.time.nowMs() });
  await rig.time.settle();
  rig.engine.breakDown();
  rig.engine.die();
  await rig.time.advance(30_000);
  expect(await exit).toBe(0);
  expect(rig.shard(0).lease).toBeNull();
});

it('takes back what is in flight at the deadline of a stop, with time to spare', async () => {
  const { rig, exit } = await running();
  rig.stop({ kind: 'asked', atMs: rig.time.nowMs() });
  await rig.time.advance(STOP_TIMEOUT_MS - 26_000);
  expect(rig.engine.held).toHaveLength(4);
  await rig.time.advance(2000);
  expect(await exit).toBe(0);
  expect(rig.shard(0)).toMatchObject({ state: 'open', lease: null });
});

it('stores every few seconds what finishes during a drain', async () => {
  const { rig } = await running();
  rig.stop({ kind: 'asked', atMs: rig.time.nowMs() });
  await rig.time.advance(1000);
  rig.engine.held[0]?.answer();
  await rig.time.advance(4500);
  expect(rig.segments()).toEqual(['1.1']);
});

it('takes back early what cannot end in time by what its Batch has shown, so that the others can', async () => {
  const rig = agentRig();
  await rig.enrol(names(8));
  await rig.dispatch();
  void rig.start();
  await rig.time.advance(100_000);
  // Every Request takes 100 seconds, the quickest one that can be hoped for 50.
  for (const request of rig.engine.held.slice(0, 2)) request.answer();
  await rig.time.settle();
  expect(rig.engine.held).toHaveLength(4);
  const takenAtMs = rig.time.nowMs() + 60_000;
  rig.stop({ kind: 'interruption', atMs: rig.time.nowMs(), takenAtMs });
  await rig.time.settle();
  // Two have run for 100 seconds; two have just begun, and the drain ends in 35.
  expect(rig.engine.held).toHaveLength(2);
});

it('keeps to the instant at which the instance is taken', async () => {
  const { rig, exit } = await running();
  rig.stop({ kind: 'interruption', atMs: rig.time.nowMs(), takenAtMs: rig.time.nowMs() + 20_000 });
  await rig.time.advance(9000);
  expect(rig.engine.held).toHaveLength(4);
  await rig.time.advance(1500);
  expect(await exit).toBe(0);
});

it('ends at once when it is told twice, still with a flush', async () => {
  const { rig, exit } = await running();
  rig.stop({ kind: 'asked', atMs: rig.time.nowMs() });
  await rig.time.settle();
  rig.engine.held[0]?.answer();
  await rig.time.settle();
  rig.hurry();
  expect(await exit).toBe(0);
  expect(rig.results()).toHaveLength(1);
  expect(rig.shard(0).lease).toBeNull();
});

it('is not kept by an object store that does not answer', async () => {
  const rig = agentRig();
  await rig.enrol(names(2));
  await rig.dispatch();
  const exit = rig.start({ objects: { ...rig.objects, putOnce: () => new Promise(() => undefined) } });
  await rig.time.settle();
  rig.engine.answerAll();
  rig.stop({ kind: 'asked', atMs: rig.time.nowMs() });
  await rig.time.advance(30_000);
  expect(await exit).toBe(0);
});

it('hands back a hint that comes with the stop, for another Task to take at once', async () => {
  const rig = agentRig();
  await rig.enrol(names(2));
  const exit = rig.start();
  await rig.time.settle();
  await rig.dispatch();
  rig.stop({ kind: 'asked', atMs: rig.time.nowMs() });
  expect(await exit).toBe(0);
  expect(rig.shard().lease).toBeNull();
  expect([rig.waitingHints.length, rig.deletedHints.length]).toEqual([1, 0]);
});

it('finishes what it has and leases nothing more after a rebalance recommendation', async () => {
  const { rig, exit } = await running(4);
  rig.leaseNoMore();
  await rig.dispatch(1);
  await rig.time.advance(1000);
  expect(rig.shard(1).lease).toBeNull();
  rig.engine.answerAll();
  await rig.time.settle();
  await rig.record();
  expect(rig.shard(0).state).toBe('settled');
  await rig.time.advance(30_000);
  expect(await exit).toBe(0);
});

it('is stopped by the first of a notice and a signal, and hurried by the second signal', async () => {
  const time = virtualTime();
  let noticeAtMs: number | null = null;
  let rebalance = false;
  const stops = stopSignals({
    time,
    log: silentLog,
    notices: { interruptionAtMs: async () => noticeAtMs, isRebalanceRecommended: async () => rebalance },
  });
  await time.advance(5000);
  expect(stops.noNewLeases.aborted).toBe(false);
  rebalance = true;
  await time.advance(2000);
  expect(stops.noNewLeases.aborted).toBe(true);
  expect(stops.stop.aborted).toBe(false);
  noticeAtMs = time.nowMs() + 120_000;
  await time.advance(2000);
  expect(stops.stop.reason).toMatchObject({ kind: 'interruption', takenAtMs: noticeAtMs });
  stops.terminate();
  expect(stops.stop.reason).toMatchObject({ kind: 'interruption' });
  expect(stops.hurry.aborted).toBe(false);
  stops.terminate();
  expect(stops.hurry.aborted).toBe(true);
});
