import type { TenantId } from '../ids.ts';
import { recordKeys } from '../keys.ts';
import { mapSome } from '../protocol/each.ts';
import { type CleanOwnerPorts, cleanOwner } from './clean-owner.ts';
import { type Owner, ownerOf } from './owner.ts';
import type { StoredObject, StoredObjects } from './ports.ts';
import { advanceRound, type CleanUpRound, dueRound, stands } from './round.ts';

export interface CleanUpPorts extends Omit<CleanOwnerPorts, 'oldestOpen'> {
  readonly stored: StoredObjects;
}

/** Pages of a thousand objects that one call looks at: with a read for each, about a minute. */
const MAX_PAGES = 10;

/**
 * Deletes what has outlived its time: expired Files, Batches long over, and objects that no record names. Once a day
 * a round through all objects begins; each call goes on with it for a stretch. May run twice, also at the same time.
 * What fails keeps nothing else waiting; the failures are thrown together at the end. Stops where the table is emptied
 * meanwhile, as an import does.
 */
export async function cleanUp(ports: CleanUpPorts): Promise<{ readonly removed: number }> {
  const { records, stored, clock } = ports;
  const round = await records.change(recordKeys.cleanUp(), (seen) => dueRound(seen, clock.nowMs()));
  const failures: unknown[] = [];
  let removed = 0;
  if (round === null) return { removed };
  const oldestOpen = await oldestOpenBatches(ports);
  const owners = { ...ports, oldestOpen, objects: removableWhile(round, ports) };
  let { afterKey } = round;
  for (let pages = 0; pages < MAX_PAGES && afterKey !== null; pages++) {
    const { objects, isLast } = await stored.page(afterKey);
    if (!(await isStanding(ports, round))) break;
    const counts = await mapSome(byOwner(objects), ({ owner, owned }) =>
      cleanOwner(owners, owner, owned).catch((error: unknown) => {
        failures.push(error);
        return 0;
      }),
    );
    removed += counts.reduce((sum, count) => sum + count, 0);
    afterKey = isLast ? null : (objects.at(-1)?.key ?? null);
    const walked = { startedAtMs: round.startedAtMs, afterKey };
    if (!(await records.change(recordKeys.cleanUp(), (seen) => advanceRound(seen, walked)))) break;
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} could not be cleaned up.`);
  return { removed };
}

const isStanding = async ({ records }: CleanUpPorts, round: CleanUpRound): Promise<boolean> =>
  stands(await records.read(recordKeys.cleanUp()), round);

/**
 * An import removes the round before the tenants' records: if it stands after an owner's record was read, then the
 * record was missing in a table that was whole.
 */
function removableWhile(round: CleanUpRound, ports: CleanUpPorts): CleanUpPorts['objects'] {
  return {
    async remove(keys) {
      if (await isStanding(ports, round)) return ports.objects.remove(keys);
      throw new Error(
        `The table was emptied while the clean-up looked at ${keys[0]}: it stays, and a later round looks again.`,
      );
    },
  };
}

/** When the oldest open Batch of each tenant was created. */
async function oldestOpenBatches({ records }: CleanUpPorts): Promise<ReadonlyMap<TenantId, number>> {
  const oldest = new Map<TenantId, number>();
  await mapSome(await records.query(recordKeys.openBatches()), async ({ tenant, batchId }) => {
    const batch = await records.read(recordKeys.batch(tenant, batchId));
    const atMs = batch?.createdAtMs ?? Number.POSITIVE_INFINITY;
    oldest.set(tenant, Math.min(atMs, oldest.get(tenant) ?? atMs));
  });
  return oldest;
}

interface Owned {
  readonly owner: Owner;
  readonly owned: StoredObject[];
}

function byOwner(objects: readonly StoredObject[]): readonly Owned[] {
  const groups = new Map<string, Owned>();
  for (const object of objects) {
    const owner = ownerOf(object.key);
    if (owner === null) continue;
    const name = `${owner.kind} ${owner.tenant} ${owner.id}`;
    const group = groups.get(name) ?? { owner, owned: [] };
    group.owned.push(object);
    groups.set(name, group);
  }
  return [...groups.values()];
}
