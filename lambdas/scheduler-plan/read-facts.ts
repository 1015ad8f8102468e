import type { Fleet } from '../../core/fleet/catalogue.ts';
import type { FleetTask } from '../../core/fleet/task.ts';
import type { FleetTasks } from '../../core/fleet/tasks-port.ts';
import { type FleetBatch, recordKeys } from '../../core/keys.ts';
import type { Clock, Records } from '../../core/ports.ts';
import { expireLease } from '../../core/protocol/poison.ts';
import type { Shard } from '../../core/protocol/shard.ts';
import { endedLeases } from '../../core/scheduling/ended-leases.ts';
import type { PlanFacts, PlannedBatch } from '../../core/scheduling/plan.ts';

export interface FactsDeps {
  readonly records: Records;
  readonly tasks: FleetTasks;
  readonly clock: Clock;
  /** Lengths of the waits: long, medium, short. */
  readonly waitsMs: PlanFacts['waitsMs'];
}

/** Reads what a plan needs to know, and ends the Leases that no one holds any more on the way. */
export async function readFacts(deps: FactsDeps, fleet: Fleet): Promise<PlanFacts> {
  const tasks = await deps.tasks.list(fleet.id);
  const joined = await deps.records.query(recordKeys.fleetBatches(fleet.id));
  const batches = await Promise.all(joined.map((batch) => readBatch(deps, batch, tasks)));
  return {
    nowMs: deps.clock.nowMs(),
    fleet,
    waitsMs: deps.waitsMs,
    tasks,
    launchTroubles: await deps.records.query(recordKeys.launchTroubles(fleet.id)),
    batches: batches.filter((batch) => batch !== null),
  };
}

async function readBatch(
  deps: FactsDeps,
  { tenant, batchId }: FleetBatch,
  tasks: readonly FleetTask[],
): Promise<PlannedBatch | null> {
  const batch = await deps.records.read(recordKeys.batch(tenant, batchId));
  if (batch?.phase.kind !== 'enrolled') return null;
  const { id, deadlineMs, createdAtMs, paused } = batch;
  const seen = await deps.records.query(recordKeys.shards(tenant, batchId));
  const shards = await endLeases(deps, seen, { tasks, paused });
  return { tenant, id, deadlineMs, createdAtMs, paused, shards };
}

async function endLeases(
  { records }: FactsDeps,
  seen: readonly Shard[],
  facts: { readonly tasks: readonly FleetTask[]; readonly paused: boolean },
): Promise<readonly Shard[]> {
  const ended = endedLeases(seen, facts);
  const changed = await Promise.all(
    ended.map(async ({ shard, holder, died }) => {
      const key = recordKeys.shard(shard);
      await records.change(key, (current) => expireLease(current, holder, died));
      return [shard.number, await records.read(key)] as const;
    }),
  );
  const now = new Map(changed);
  return seen.map((shard) => now.get(shard.number) ?? shard);
}
