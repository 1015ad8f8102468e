import { failIntake } from '../../core/intake/fail-intake.ts';
import { type IntakePorts, runIntake } from '../../core/intake/run-intake.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Clock } from '../../core/ports.ts';
import type { BatchRef } from '../../core/protocol/lifecycle.ts';
import type { FileRetention } from '../../core/retention/retention.ts';

export interface IntakeDeps extends IntakePorts {
  readonly clock: Clock;
  readonly retention: FileRetention;
  /** Random: names the attempt in the keys of its Shard objects. */
  readonly newAttempt: () => string;
}

/** Plans a Batch, or fails it. One that has left `validating` is left alone. */
export const intake = (deps: IntakeDeps) => async (input: BatchRef) => {
  const batch = await deps.records.read(recordKeys.batch(input.tenant, input.batchId));
  if (batch?.phase.kind !== 'validating') return { kind: 'left' } as const;
  const result = await runIntake(deps, batch, deps.newAttempt());
  if (result.kind === 'planned') {
    const { lines, shards } = result.plan;
    return { kind: 'planned', lines, shards: shards.length } as const;
  }
  const { records, clock, retention } = deps;
  const nowMs = clock.nowMs();
  return { kind: await failIntake(records, batch, { lists: result.lists, nowMs, retention }) } as const;
};
