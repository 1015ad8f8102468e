import type { BatchWork } from './work.ts';

export interface GuardFacts {
  readonly nowMs: number;
  /** Until the next plan. */
  readonly tickMs: number;
  /** From RunTask to the first token. */
  readonly startMs: number;
  /** Earliest Deadline first. */
  readonly batches: readonly BatchWork[];
  /** On-demand Tasks that are running already. */
  readonly running: number;
  /** On-demand Tasks at most. */
  readonly quota: number;
}

/** Throughput is estimated and drifts: that much more work than estimated must still fit. */
const WORK_MARGIN = 1.1;

/**
 * The worst-case guard: the fewest on-demand Tasks to hold now such that, if every spot Task dies at the next tick
 * and the rest of the on-demand quota is started then, every Deadline is still met. It holds by induction over the
 * ticks; where even the whole quota is too little, it is the whole quota.
 */
export function fewestOnDemand(facts: GuardFacts): number {
  for (let held = 0; held < facts.quota; held++) if (isSafe(facts, held)) return held;
  return facts.batches.some(({ workMs }) => workMs > 0) ? facts.quota : 0;
}

/** The earliest Deadlines come first: each must fit its own work and all that goes before it. */
function isSafe(facts: GuardFacts, held: number): boolean {
  let workMs = 0;
  let openShards = 0;
  for (const batch of facts.batches) {
    workMs += batch.workMs * WORK_MARGIN;
    openShards += batch.openShards;
    if (capacityMs(facts, { held, untilMs: batch.deadlineMs, openShards }) < workMs) return false;
  }
  return true;
}

/** Task milliseconds that on-demand Tasks alone can give until an instant; a Shard is worked on by one Task. */
function capacityMs(
  facts: GuardFacts,
  plan: { readonly held: number; readonly untilMs: number; readonly openShards: number },
): number {
  const leftMs = plan.untilMs - facts.nowMs;
  const useful = Math.min(facts.quota, plan.openShards);
  let capacity = 0;
  for (let task = 0; task < useful; task++) {
    const readyMs =
      task >= plan.held ? facts.tickMs + facts.startMs : task >= facts.running ? facts.startMs : 0;
    capacity += Math.max(0, leftMs - readyMs);
  }
  return capacity;
}

/** Slack of the tightest Deadline with the whole on-demand quota started now; negative when it is too late. */
export function tightestSlackMs(facts: GuardFacts): number | null {
  let workMs = 0;
  let tightest: number | null = null;
  for (const batch of facts.batches) {
    if (batch.workMs === 0) continue;
    workMs += batch.workMs;
    const drainMs = facts.startMs + workMs / Math.max(1, facts.quota);
    const slackMs = batch.deadlineMs - facts.nowMs - drainMs;
    tightest = tightest === null ? slackMs : Math.min(tightest, slackMs);
  }
  return tightest;
}
