import { expect, it } from 'vitest';
import { waitingReason } from '../../../core/batch/waiting.ts';
import type { FleetSummary } from '../../../core/fleet/summary.ts';
import { BATCH, batchOf, FLEET, leaseOf, shardOf } from '../protocol/samples.ts';

const NOW_MS = 1_000_000;
const NONE = { starting: 0, running: 0 };
const RUNNING = { starting: 0, running: 1 };
const begun = shardOf({ attempts: 1 });

const summaryOf = (fields: Partial<FleetSummary>): FleetSummary => ({
  ...{ fleetId: FLEET, atMs: NOW_MS, spot: NONE, onDemand: NONE, spotStartingSinceMs: null },
  ...{ quotaIsZero: false, spotIsExhausted: false, isHeldBack: false, lastTaskFailed: false },
  ...{ order: [BATCH], slackMs: 0 },
  ...fields,
});

const reasonOf = (fields: Partial<FleetSummary>, shards = [shardOf()]) =>
  waitingReason({
    batch: batchOf({ phase: { kind: 'enrolled' } }),
    shards,
    summary: summaryOf(fields),
    nowMs: NOW_MS,
  });

const longStarting = { spot: { starting: 1, running: 0 }, spotStartingSinceMs: 0 };

it.each<[string, Partial<FleetSummary>, ReturnType<typeof waitingReason>]>([
  ['no Task yet', {}, 'starting'],
  ['a last Task that failed', { lastTaskFailed: true }, 'tasks_fail'],
  ['a Fleet that is held back', { isHeldBack: true }, 'tasks_fail'],
  [
    'a Fleet that is held back, after spot was exhausted',
    { isHeldBack: true, spotIsExhausted: true },
    'tasks_fail',
  ],
  ['a spot Task that starts for long', longStarting, 'no_spot_capacity'],
  ['one that starts for long after a failure', { ...longStarting, lastTaskFailed: true }, 'no_spot_capacity'],
  ['a quota that lets nothing start', { quotaIsZero: true, isHeldBack: true }, 'quota_is_zero'],
])('names why nothing runs: %s', (_, summary, reason) => {
  expect(reasonOf(summary)).toBe(reason);
});

it('names nothing between two Leases of a Batch that a Fleet works on', () => {
  expect(reasonOf({ spot: RUNNING }, [begun])).toBeNull();
  expect(reasonOf({ onDemand: RUNNING, isHeldBack: true }, [begun])).toBeNull();
});

it('is starting while the first Task that runs loads its engine', () => {
  expect(reasonOf({ spot: RUNNING })).toBe('starting');
});

it.each([[[shardOf()]], [[begun]]])('names other Batches where they come before', (shards) => {
  expect(reasonOf({ spot: RUNNING, order: ['batch_other', BATCH] }, shards)).toBe('behind_other_batches');
});

it('waits for Tasks again when none runs any more, whatever it has finished', () => {
  expect(reasonOf({}, [begun])).toBe('starting');
});

it('names nothing while a Task holds a Shard, whatever the last plan saw', () => {
  expect(reasonOf({ isHeldBack: true }, [shardOf({ lease: leaseOf(NOW_MS + 1) })])).toBeNull();
});
