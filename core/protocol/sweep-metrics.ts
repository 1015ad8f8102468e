import type { MetricValues } from '../metrics.ts';
import type { SweptBatch } from './sweep.ts';

/** A Fleet with open work, as a sweep found it. */
export interface SweptLoop {
  readonly revived: boolean;
  /** Since its last plan, or since there was work for one. */
  readonly waitedMs: number;
}

/** What a sweep found; nothing where nothing is open. */
export function sweepMetrics(
  batches: readonly SweptBatch[],
  loops: readonly SweptLoop[],
): MetricValues | null {
  const count = (isOne: (batch: SweptBatch) => boolean): number => batches.filter(isOne).length;
  if (batches.length === 0 && loops.length === 0) return null;
  const waitedMs = Math.max(...loops.map((loop) => loop.waitedMs));
  return {
    BatchesValidating: count(({ phase }) => phase === 'validating'),
    BatchesEnrolled: count(({ phase }) => phase === 'enrolled'),
    // One that is over stays here until it is told.
    BatchesClosing: count(({ phase }) => phase === 'closing' || phase === 'over'),
    RevivedLifecycles: count(({ revived }) => revived),
    StaleLoops: loops.filter(({ revived }) => revived).length,
    ...(loops.length === 0 ? {} : { OldestLoopTurnSeconds: waitedMs / 1000 }),
  };
}
