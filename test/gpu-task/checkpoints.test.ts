import { expect, it } from 'vitest';
import type { Objects } from '../../core/ports.ts';
import { agentRig } from './agent-rig.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `line-${i}`);

it('stores a Segment as soon as it has the results for one', async () => {
  const rig = agentRig({ checkpoint: { everyMs: 15_000, maxBytes: 1_000_000, maxResults: 2 } });
  await rig.enrol(names(10));
  await rig.dispatch();
  void rig.start();
  await rig.time.settle();
  rig.engine.held[0]?.answer();
  await rig.time.settle();
  expect(rig.segments()).toEqual([]);
  rig.engine.held[0]?.answer();
  await rig.time.settle();
  expect(rig.segments()).toEqual(['1.1']);
  expect(rig.reports.waiting().at(-1)).toMatchObject({
    seq: 2,
    segments: { '1': 1 },
    totals: { completed: 2 },
  });
});

it('stores a Segment as soon as it has the bytes for one', async () => {
  const rig = agentRig({ checkpoint: { everyMs: 15_000, maxBytes: 300, maxResults: 500 } });
  await rig.enrol(names(4));
  await rig.dispatch();
  void rig.start();
  await rig.time.settle();
  rig.engine.held[0]?.answer();
  await rig.time.settle();
  expect(rig.segments()).toEqual(['1.1']);
});

it('stores what it has when its time has come, and not before', async () => {
  const rig = agentRig();
  await rig.enrol(names(4));
  await rig.dispatch();
  void rig.start();
  await rig.time.advance(10_000);
  rig.engine.held[0]?.answer();
  await rig.time.advance(14_900);
  expect(rig.segments()).toEqual([]);
  await rig.time.advance(200);
  expect(rig.segments()).toEqual(['1.1']);
});

it('puts the same bytes again after a failed put, and no later number before', async () => {
  const rig = agentRig({ checkpoint: { everyMs: 15_000, maxBytes: 1_000_000, maxResults: 2 } });
  await rig.enrol(names(8));
  await rig.dispatch();
  let failing = true;
  const puts: { readonly key: string; readonly body: string }[] = [];
  const putOnce: Objects['putOnce'] = async (key, body) => {
    puts.push({ key: key.slice(-6), body: Buffer.from(body).toString() });
    if (failing) throw new Error('503 Slow Down');
    return rig.objects.putOnce(key, body);
  };
  void rig.start({ objects: { ...rig.objects, putOnce } });
  await rig.time.settle();
  rig.engine.answerAll();
  await rig.time.settle();
  rig.engine.answerAll();
  await rig.time.advance(3000);
  expect(puts.length).toBeGreaterThan(2);
  expect(new Set(puts.map(({ key }) => key))).toEqual(new Set(['000001']));
  expect(new Set(puts.map(({ body }) => body)).size).toBe(1);
  // Nothing counts that the object store does not have.
  expect(rig.reports.waiting().map(({ segments }) => segments)).toEqual([{}]);
  failing = false;
  await rig.time.advance(10_000);
  await rig.record();
  expect(rig.shard().state).toBe('settled');
  expect(rig.segments()).toEqual(['1.1', '1.2']);
  expect(rig.results()).toHaveLength(8);
});

it('takes a put whose answer was lost for what it is', async () => {
  const rig = agentRig();
  await rig.enrol(names(2));
  await rig.dispatch();
  let lost = 0;
  const putOnce: Objects['putOnce'] = async (key, body) => {
    const result = await rig.objects.putOnce(key, body);
    if (lost++ === 0) throw new Error('socket hang up');
    return result;
  };
  void rig.start({ objects: { ...rig.objects, putOnce } });
  await rig.time.settle();
  rig.engine.answerAll();
  await rig.time.advance(5000);
  await rig.record();
  expect(rig.shard()).toMatchObject({ state: 'settled', segments: { '1': 1 } });
});

it('drops the Shard where another has written under its fence', async () => {
  const rig = agentRig();
  await rig.enrol(names(8));
  await rig.dispatch();
  void rig.start({ objects: { ...rig.objects, putOnce: async () => 'taken' } });
  await rig.time.settle();
  rig.engine.answerAll();
  await rig.time.advance(15_000);
  const sent = rig.engine.sent.length;
  expect(rig.engine.held).toEqual([]);
  await rig.time.advance(60_000);
  expect(rig.engine.sent).toHaveLength(sent);
  expect(rig.reports.waiting().map(({ segments }) => segments)).toEqual([{}]);
});

it('makes a lost report good with the next one', async () => {
  const rig = agentRig({ checkpoint: { everyMs: 15_000, maxBytes: 1_000_000, maxResults: 2 } });
  await rig.enrol(names(4));
  await rig.dispatch();
  let sends = 0;
  void rig.start({
    reports: {
      send: async (report) => {
        if (++sends === 2) throw new Error('queue is gone');
        await rig.reports.send(report);
      },
    },
  });
  await rig.time.settle();
  for (const request of rig.engine.held.slice(0, 2)) request.answer();
  await rig.time.settle();
  expect(rig.reports.waiting().at(-1)?.segments).toEqual({});
  rig.engine.answerAll();
  await rig.time.settle();
  await rig.record();
  expect(rig.shard()).toMatchObject({ state: 'settled', segments: { '1': 2 } });
});

it('reports its time under Lease by capacity', async () => {
  const rig = agentRig();
  await rig.enrol(names(1));
  await rig.dispatch();
  void rig.start({ capacity: 'on-demand' });
  await rig.time.advance(7000);
  rig.engine.answerAll();
  await rig.time.settle();
  expect(rig.reports.waiting().at(-1)?.leaseMs).toEqual({ spot: 0, onDemand: 7000 });
});
