import { type Change, keep, put } from '../records.ts';
import type { Holder } from './lease.ts';
import { unionDeaths } from './report.ts';
import type { EngineDeath, IsolatedLine, Shard } from './shard.ts';

/** From this many deaths on a Shard runs alone on its engine, one line at a time. */
export const DEATHS_BEFORE_ISOLATION = 2;

export const runsIsolated = (deaths: readonly EngineDeath[]): boolean =>
  deaths.length >= DEATHS_BEFORE_ISOLATION;

/** Lines to fail with their own error: those that ran alone when the engine died for the third time or later. */
export function poisonedLines(deaths: readonly EngineDeath[]): readonly number[] {
  const lines = deaths.slice(DEATHS_BEFORE_ISOLATION).flatMap((death) => death.isolatedIndex ?? []);
  return [...new Set(lines)];
}

/** Records which line runs alone, before it is sent. Refused to whoever has lost the Lease. */
export function isolate(
  shard: Shard | null,
  holder: Holder,
  line: Omit<IsolatedLine, 'fence'>,
): Change<Shard, 'recorded' | 'refused'> {
  if (shard === null || shard.fence !== holder.fence || shard.lease?.owner !== holder.owner) {
    return keep('refused');
  }
  return put({ ...shard, isolated: { ...line, fence: holder.fence } }, 'recorded');
}

/**
 * Ends the Lease of a Task that has stopped, conditional on owner and fence. `died` says that the Task ended by
 * itself (no Interruption, no StopTask): only then it is a death of this Shard.
 */
export function expireLease(
  shard: Shard | null,
  holder: Holder,
  died: boolean,
): Change<Shard, 'expired' | 'not-held'> {
  if (shard === null || shard.fence !== holder.fence || shard.lease?.owner !== holder.owner) {
    return keep('not-held');
  }
  const deaths = died ? unionDeaths(shard.deaths, [deathOfAgent(shard)]) : shard.deaths;
  return put({ ...shard, lease: null, deaths }, 'expired');
}

function deathOfAgent(shard: Shard): EngineDeath {
  const { isolated, fence } = shard;
  if (isolated === null || isolated.fence !== fence) return { fence, engineStart: 0 };
  return { fence, engineStart: isolated.engineStart, isolatedIndex: isolated.index };
}
