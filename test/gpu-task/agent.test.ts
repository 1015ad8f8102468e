import { expect, it } from 'vitest';
import { objectKeys, recordKeys } from '../../core/keys.ts';
import { bitReader } from '../../core/protocol/bitmap.ts';
import { closeShard } from '../../core/protocol/lease.ts';
import { encodeSegment } from '../../core/segment/segment.ts';
import { agentRig, lineBody, OWNER } from './agent-rig.ts';
import { chatAnswer } from './fake-engine.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `line-${i}`);

it('runs a Shard to its end and settles it', async () => {
  const rig = agentRig();
  await rig.enrol(names(10));
  await rig.dispatch();
  rig.engine.respondWith(() => chatAnswer());
  const exit = rig.start();
  await rig.time.advance(1000);
  await rig.record();
  const shard = rig.shard();
  expect(shard.state).toBe('settled');
  expect(shard.totals).toEqual({
    completed: 10,
    failed: 0,
    inputTokens: 70,
    cachedTokens: 30,
    outputTokens: 50,
    reasoningTokens: 20,
  });
  expect(
    rig
      .results()
      .map((line) => line.custom_id)
      .sort(),
  ).toEqual(names(10).sort());
  expect(rig.deletedHints).toHaveLength(1);
  await rig.time.advance(rig.fleet.idleExitMs + 60_000);
  expect(await exit).toBe(0);
});

it('passes the bytes of a body on as they are', async () => {
  const rig = agentRig();
  await rig.enrol(['one']);
  await rig.dispatch();
  void rig.start();
  await rig.time.settle();
  expect(rig.engine.sent).toEqual([lineBody('one')]);
  expect(rig.engine.held[0]?.path).toBe('/v1/chat/completions');
});

it('sends the longest lines first and never more than its concurrency', async () => {
  const rig = agentRig();
  await rig.enrol(['a', 'bbb', 'cc', 'ddddd', 'eeee', 'ffffff']);
  await rig.dispatch();
  void rig.start();
  await rig.time.settle();
  expect(rig.engine.held.map(({ body }) => body)).toEqual(['ffffff', 'ddddd', 'eeee', 'bbb'].map(lineBody));
});

it('adopts the Segments of earlier Attempts and sends only the rest', async () => {
  const rig = agentRig();
  await rig.enrol(names(6));
  // An Attempt stored lines 4 and 1, and its Task was killed before the report left.
  await rig.change(0, (shard) => ({ ...shard, fence: 1 }));
  const stored = [4, 1].map((index) => ({
    ...{ index, outcome: 'completed' as const, bytes: Buffer.from('{}\n') },
    ...{ inputTokens: 1, cachedTokens: 0, outputTokens: 2, reasoningTokens: 0 },
  }));
  rig.objects.put(objectKeys.segment(rig.shardId(0), { fence: 1, number: 1 }), encodeSegment(stored));
  await rig.dispatch();
  rig.engine.respondWith(() => chatAnswer());
  void rig.start();
  await rig.time.settle();
  expect([...rig.engine.sent].sort()).toEqual([0, 2, 3, 5].map((i) => lineBody(`line-${i}`)));
  const [adopting] = rig.reports.waiting();
  expect(adopting).toMatchObject({ fence: 2, seq: 1, segments: { '1': 1 }, totals: { completed: 2 } });
  expect([0, 1, 2, 3, 4, 5].filter(bitReader(adopting?.finished ?? ''))).toEqual([1, 4]);
  await rig.record();
  expect(rig.shard()).toMatchObject({ state: 'settled', segments: { '1': 1, '2': 1 } });
  expect(rig.shard().totals).toMatchObject({ completed: 6, outputTokens: 24 });
});

it('settles a Shard whose last report was lost with its Task, without sending anything', async () => {
  const rig = agentRig();
  await rig.enrol(names(1));
  await rig.change(0, (shard) => ({ ...shard, fence: 1 }));
  const usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 2, reasoningTokens: 0 };
  const line = { index: 0, outcome: 'completed' as const, bytes: Buffer.from('{}\n'), ...usage };
  rig.objects.put(objectKeys.segment(rig.shardId(0), { fence: 1, number: 1 }), encodeSegment([line]));
  await rig.dispatch();
  void rig.start();
  await rig.time.settle();
  await rig.record();
  expect(rig.engine.sent).toEqual([]);
  expect(rig.shard()).toMatchObject({ state: 'settled', totals: { completed: 1 } });
});

it('sends nothing more once its Lease is refused, and drops what is in flight', async () => {
  const rig = agentRig();
  await rig.enrol(names(10));
  await rig.dispatch();
  void rig.start();
  await rig.time.settle();
  expect(rig.engine.held).toHaveLength(4);
  await rig.records.change(recordKeys.shard(rig.shardId(0)), (shard) => closeShard(shard, rig.shard()));
  await rig.time.advance(20_000);
  expect(rig.engine.held).toHaveLength(0);
  expect(rig.engine.sent).toHaveLength(4);
  await rig.time.advance(60_000);
  expect(rig.engine.sent).toHaveLength(4);
  expect(rig.segments()).toEqual([]);
});

it('sends nothing after the end of its Lease while it cannot renew, and goes on once it can', async () => {
  const rig = agentRig();
  await rig.enrol(names(10));
  await rig.dispatch();
  let cut = false;
  const { change } = rig.records;
  void rig.start({
    records: {
      ...rig.records,
      change: (key, transition) => (cut ? Promise.reject(new Error('no route')) : change(key, transition)),
    },
  });
  await rig.time.settle();
  cut = true;
  await rig.time.advance(61_000);
  rig.engine.answerAll();
  await rig.time.settle();
  expect(rig.engine.sent).toHaveLength(4);
  cut = false;
  await rig.time.advance(5000);
  expect(rig.engine.sent).toHaveLength(8);
});

it('keeps renewing its Lease while it works', async () => {
  const rig = agentRig();
  await rig.enrol(names(2));
  await rig.dispatch();
  void rig.start();
  await rig.time.advance(100_000);
  expect(rig.shard().lease).toMatchObject({ owner: OWNER });
  expect(rig.shard().lease?.leaseUntilMs).toBeGreaterThan(rig.time.nowMs() + 30_000);
});

it('leases the next Shard before the engine runs dry, and lets the older one go first', async () => {
  const rig = agentRig();
  await rig.enrol(names(6), 0);
  await rig.enrol(names(6), 1);
  await rig.dispatch(0);
  await rig.dispatch(1);
  void rig.start();
  await rig.time.settle();
  expect(rig.shard(1).lease).not.toBeNull();
  expect(rig.engine.held).toHaveLength(4);
  rig.engine.answerAll();
  await rig.time.settle();
  // Two lines are left of the first Shard; the second fills what they leave free.
  expect(rig.engine.held).toHaveLength(4);
});

it('does not lease a second Shard while the first could fill the engine once more', async () => {
  const rig = agentRig();
  await rig.enrol(names(20), 0);
  await rig.enrol(names(6), 1);
  await rig.dispatch(0);
  await rig.dispatch(1);
  void rig.start();
  await rig.time.settle();
  expect(rig.shard(1).lease).toBeNull();
});

it('deletes a hint that is refused', async () => {
  const rig = agentRig();
  await rig.enrol(names(2));
  await rig.dispatch();
  await rig.change(0, (shard) => ({ ...shard, state: 'closed' }));
  void rig.start();
  await rig.time.settle();
  expect(rig.deletedHints).toHaveLength(1);
  expect(rig.engine.sent).toEqual([]);
});

it('holds the Shard until its last report is recorded, resending it once a renewal, and leases on meanwhile', async () => {
  const rig = agentRig();
  await rig.enrol(names(3), 0);
  await rig.enrol(names(3), 1);
  await rig.dispatch(0);
  rig.engine.respondWith(() => chatAnswer());
  void rig.start();
  await rig.time.advance(1000);
  const sent = rig.reports.takeAll();
  const last = sent.at(-1);
  expect(last).toMatchObject({ totals: { completed: 3 }, segments: { '1': 1 } });
  await rig.dispatch(1);
  await rig.time.advance(1000);
  expect(rig.shard(1).lease).not.toBeNull();
  rig.reports.takeAll();
  await rig.time.advance(45_000);
  const resent = rig.reports.takeAll().filter(({ shard }) => shard.number === 0);
  expect(resent).toEqual([last, last]);
  expect(rig.shard(0).lease?.leaseUntilMs).toBeGreaterThan(rig.time.nowMs());
  await rig.time.advance(20_000);
  await rig.record();
  expect(rig.shard(0).state).toBe('settled');
  await rig.time.advance(60_000);
  expect(rig.reports.waiting().filter(({ shard }) => shard.number === 0)).toEqual([]);
});
