import { expect, it } from 'vitest';
import { agentRig } from './agent-rig.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `line-${i}`);

it('ends with a failure where the engine never becomes ready', async () => {
  const rig = agentRig();
  await rig.enrol(names(2));
  await rig.dispatch();
  rig.engine.breakDown();
  expect(await rig.start()).toBe(1);
  expect(rig.shard().lease).toBeNull();
});

it('gives its Shards back and ends with a failure where the engine does not come up again', async () => {
  const rig = agentRig();
  await rig.enrol(names(2));
  await rig.dispatch();
  const exit = rig.start();
  await rig.time.settle();
  rig.engine.breakDown();
  rig.engine.die();
  expect(await exit).toBe(1);
  expect(rig.shard().lease).toBeNull();
});

it('ends after its idle time, counted from its last Shard', async () => {
  const rig = agentRig();
  await rig.enrol(names(1));
  const exit = rig.start();
  let ended = false;
  void exit.then(() => {
    ended = true;
  });
  await rig.time.advance(200_000);
  await rig.dispatch();
  await rig.time.advance(200_000);
  expect(ended).toBe(false);
  rig.engine.answerAll();
  await rig.time.advance(1000);
  await rig.record();
  await rig.time.advance(rig.fleet.idleExitMs + 30_000);
  expect(ended).toBe(true);
  expect(rig.engine.isRunning()).toBe(false);
});

it.each([
  ['idle', {}],
  ['too old', { maxLifeMs: 1 }],
])(
  'ends when it is %s although its last report is never recorded, and gives the Shard back',
  async (_what, changes) => {
    const rig = agentRig(changes);
    await rig.enrol(['a']);
    await rig.dispatch();
    const exit = rig.start();
    await rig.time.settle();
    rig.engine.answerAll();
    await rig.time.advance(rig.fleet.idleExitMs + 800_000);
    expect(rig.shard().lease).not.toBeNull();
    await rig.time.advance(200_000);
    expect(await exit).toBe(0);
    expect(rig.shard()).toMatchObject({ state: 'open', lease: null });
    expect(rig.results()).toHaveLength(1);
  },
);

it('gives back what it has not finished an hour after its maximum life', async () => {
  const rig = agentRig({ maxLifeMs: 100_000, request: { timeoutMs: 10_000_000, maxTries: 3 } });
  await rig.enrol(names(2));
  await rig.dispatch();
  const exit = rig.start();
  await rig.time.settle();
  rig.engine.held[0]?.answer();
  await rig.time.advance(3_600_000);
  expect(rig.shard().lease).not.toBeNull();
  await rig.time.advance(130_000);
  expect(await exit).toBe(0);
  expect(rig.shard()).toMatchObject({ state: 'open', lease: null });
  expect(rig.results()).toHaveLength(1);
});

it('leases nothing after its maximum life and finishes what it has', async () => {
  const rig = agentRig({ maxLifeMs: 100_000 });
  await rig.enrol(names(1), 0);
  await rig.enrol(names(1), 1);
  await rig.dispatch(0);
  const exit = rig.start();
  await rig.time.advance(110_000);
  await rig.dispatch(1);
  await rig.time.advance(1000);
  expect(rig.shard(1).lease).toBeNull();
  rig.engine.answerAll();
  await rig.time.settle();
  await rig.record();
  await rig.time.advance(30_000);
  expect(await exit).toBe(0);
  expect(rig.shard(0).state).toBe('settled');
});
