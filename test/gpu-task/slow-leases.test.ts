import { expect, it } from 'vitest';
import { objectKeys } from '../../core/keys.ts';
import { agentRig } from './agent-rig.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `line-${i}`);

/** An agent whose object store takes `readMs` for the Shard object of number 1. */
async function slowToRead(readMs: number) {
  const rig = agentRig();
  await rig.enrol(names(6), 0);
  await rig.enrol(names(2), 1);
  const objects = {
    ...rig.objects,
    async get(key: string) {
      if (key === objectKeys.shard(rig.shardId(1), 'cut')) await rig.time.sleep(readMs);
      return rig.objects.get(key);
    },
  };
  return { rig, start: () => rig.start({ objects }) };
}

/** A stop while the second Shard is being opened, with one line finished, four in flight and one waiting. */
async function stoppedWhileLeasing(readMs: number) {
  const { rig, start } = await slowToRead(readMs);
  await rig.dispatch(0);
  await rig.dispatch(1);
  const exit = start();
  await rig.time.advance(1000);
  rig.engine.held[0]?.answer();
  await rig.time.settle();
  const sent = rig.engine.sent.length;
  rig.stop({ kind: 'asked', atMs: rig.time.nowMs() });
  await rig.time.settle();
  return { rig, exit, sent };
}

it('stores and admits nothing more at once when it is stopped, although a Shard is still being opened', async () => {
  const { rig, sent } = await stoppedWhileLeasing(60_000);
  expect(rig.segments(0)).toEqual(['1.1']);
  rig.engine.held[0]?.answer();
  await rig.time.advance(6000);
  expect(rig.segments(0)).toEqual(['1.1', '1.2']);
  expect(rig.engine.sent).toHaveLength(sent);
});

it('gives back a Lease that comes after the stop, and its hint, and sends nothing of it', async () => {
  const { rig, exit, sent } = await stoppedWhileLeasing(30_000);
  expect(rig.shard(1).lease).not.toBeNull();
  await rig.time.advance(30_000);
  expect(rig.shard(1).lease).toBeNull();
  expect(rig.waitingHints.map(({ shard }) => shard.number)).toEqual([1]);
  expect(rig.engine.sent).toHaveLength(sent);
  rig.engine.answerAll();
  expect(await exit).toBe(0);
});

it('waits a few seconds at its end for a Lease that is under way, and no longer', async () => {
  const soon = await stoppedWhileLeasing(4000);
  const leaseAtEnd = soon.exit.then(() => soon.rig.shard(1).lease);
  soon.rig.engine.answerAll();
  await soon.rig.time.advance(3000);
  expect(await leaseAtEnd).toBeNull();

  const never = await stoppedWhileLeasing(Number.MAX_SAFE_INTEGER);
  never.rig.engine.answerAll();
  await never.rig.time.advance(5000);
  expect(await never.exit).toBe(0);
});

it('releases a Shard that it cannot open, for another Task to try', async () => {
  const rig = agentRig();
  await rig.enrol(names(2));
  await rig.dispatch();
  const get = async (): Promise<never> => {
    throw new Error('The object store is away.');
  };
  void rig.start({ objects: { ...rig.objects, get } });
  await rig.time.settle();
  expect(rig.shard().lease).not.toBeNull();
  await rig.time.advance(2000);
  expect(rig.shard()).toMatchObject({ state: 'open', fence: 1, lease: null });
  expect(rig.deletedHints).toEqual([]);
});

it.each([50_000, 65_000])(
  'renews a Lease that is due or over by the time its Shard is open, %i ms after the claim',
  async (readMs) => {
    const { rig, start } = await slowToRead(readMs);
    await rig.dispatch(1);
    void start();
    await rig.time.advance(readMs);
    expect(rig.engine.held).toHaveLength(2);
    const openedAtMs = rig.time.nowMs();
    expect(rig.shard(1).lease?.leaseUntilMs).toBe(openedAtMs + rig.fleet.leaseMs);
  },
);

it('releases before the instance is taken after a short notice, although its last flush never ends', async () => {
  const rig = agentRig();
  await rig.enrol(names(2));
  await rig.dispatch();
  const exit = rig.start({ objects: { ...rig.objects, putOnce: () => new Promise(() => undefined) } });
  await rig.time.settle();
  rig.engine.held[0]?.answer();
  rig.stop({ kind: 'interruption', atMs: rig.time.nowMs(), takenAtMs: rig.time.nowMs() + 20_000 });
  await rig.time.advance(17_000);
  expect(await exit).toBe(0);
  expect(rig.shard().lease).toBeNull();
});
