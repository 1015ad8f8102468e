import { describe, expect, it } from 'vitest';
import { waitingReason } from '../../../core/batch/waiting.ts';
import { recordKeys } from '../../../core/keys.ts';
import { batchOf, shardOf } from '../../core/protocol/samples.ts';
import { batchId, fleetId, running } from './running-loop.ts';

describe('a Fleet whose Tasks all fail', () => {
  const fail = (loop: Awaited<ReturnType<typeof running>>) => {
    const status = { kind: 'stopped', atMs: loop.clock.nowMs(), end: 'failed' } as const;
    for (const [arn, task] of loop.tasks.all) loop.tasks.all.set(arn, { ...task, status });
  };
  const waitsFor = (loop: Awaited<ReturnType<typeof running>>) =>
    waitingReason({
      batch: batchOf({ id: batchId, phase: { kind: 'enrolled' } }),
      shards: [shardOf()],
      summary: loop.records.peek(recordKeys.fleetSummary(fleetId)) ?? null,
      nowMs: loop.clock.nowMs(),
    });

  it('tells its Batches so, and the log until when it is held back', async () => {
    const loop = await running();
    for (let number = 0; number < 5; number++) {
      const arn = `arn:${number}`;
      loop.tasks.all.set(arn, { arn, capacity: 'spot', createdAtMs: 0, status: { kind: 'starting' } });
    }
    fail(loop);
    const failedAtMs = loop.clock.nowMs();
    loop.advance(1000);
    expect((await loop.plan()).runs).toEqual([]);
    expect(waitsFor(loop)).toBe('tasks_fail');
    const until = new Date(failedAtMs + 600_000).toISOString();
    expect(loop.warnings).toEqual([
      [expect.stringContaining('failing'), { fleetId, capacity: 'spot', failures: 5, until }],
    ]);
    loop.advance(600_000);
    expect((await loop.plan(1)).runs).not.toEqual([]);
    expect(waitsFor(loop)).toBe('starting');
    expect(loop.warnings).toHaveLength(1);
  });

  it('tells its Batches so while it still starts others', async () => {
    const loop = await running({ shards: 2 });
    await loop.act({ ...loop.input, plan: await loop.plan() });
    expect(waitsFor(loop)).toBe('starting');
    fail(loop);
    expect((await loop.plan(1)).runs).not.toEqual([]);
    expect(waitsFor(loop)).toBe('tasks_fail');
    expect(loop.warnings).toEqual([]);
  });
});
