import type { IntakePlan } from '../batch/plans.ts';
import type { BatchId, TenantId } from '../ids.ts';
import { objectKeys } from '../keys.ts';
import type { Objects } from '../ports.ts';
import type { Cut } from './cut-shards.ts';

type PlannedShard = IntakePlan['shards'][number];

export interface ShardWriter {
  /** Takes a Shard; waits while as many are on their way as may be. Throws where the store refuses one. */
  write(cut: Cut): Promise<void>;
  /** The Shards of the plan, when all are stored. */
  end(): Promise<readonly PlannedShard[]>;
  /** Removes what this attempt wrote. */
  discard(): Promise<void>;
}

/** Writes Shard objects under keys that carry the intake attempt, a few at a time, numbered in order. */
export function shardWriter(
  objects: Objects,
  at: { readonly tenant: TenantId; readonly batchId: BatchId; readonly intakeAttempt: string },
  maxInFlight: number,
): ShardWriter {
  const planned: PlannedShard[] = [];
  const inFlight = new Set<Promise<void>>();

  async function store(cut: Cut, objectKey: string): Promise<void> {
    const answer = await objects.putOnce(objectKey, Buffer.concat(cut.lines.map(({ bytes }) => bytes)));
    if (answer === 'taken') throw new Error(`Another Shard object stands at ${objectKey}.`);
  }

  return {
    async write(cut) {
      const id = { tenant: at.tenant, batchId: at.batchId, number: planned.length };
      const objectKey = objectKeys.shard(id, at.intakeAttempt);
      const { estimatedTokens } = cut;
      planned.push({ number: id.number, objectKey, lines: cut.lines.length, estimatedTokens });
      const stored = store(cut, objectKey);
      inFlight.add(stored);
      // A refusal reaches whoever waits next: it stays in the set.
      stored.then(() => inFlight.delete(stored)).catch(() => {});
      if (inFlight.size >= maxInFlight) await Promise.race(inFlight);
    },
    async end() {
      await Promise.all(inFlight);
      return planned;
    },
    async discard() {
      await Promise.allSettled(inFlight);
      await objects.remove(planned.map(({ objectKey }) => objectKey));
    },
  };
}
