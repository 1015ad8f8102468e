import type { Batch } from '../batch/batch.ts';
import { type WaitingReason, waitingReason } from '../batch/waiting.ts';
import type { Catalogue } from '../fleet/catalogue.ts';
import type { FleetSummary, TaskCounts } from '../fleet/summary.ts';
import { taskUsdPerHour } from '../fleet/task-price.ts';
import type { LeaseMs, Shard, ShardTotals } from '../protocol/shard.ts';

interface ByCapacity<T> {
  readonly spot: T;
  readonly on_demand: T;
}

/** What Slackline says of a Batch beyond OpenAI's fields. */
export interface BatchExtension {
  /** Of the request that created the Batch, as its `x-request-id` was; null where it is not known. */
  readonly request_id: string | null;
  /** Why nothing runs at the moment; null while something does, and at the end. */
  readonly waiting: WaitingReason | null;
  readonly fleet: string | null;
  /** Of the whole Fleet, as of its last plan. */
  readonly tasks: ByCapacity<{ readonly starting: number; readonly running: number }> | null;
  readonly shards: { readonly total: number; readonly settled: number; readonly attempts: number };
  /** Task seconds spent on this Batch's Shards; a Task's start-up and idle time are not in it. */
  readonly task_seconds: ByCapacity<number>;
  /** `task_seconds` at the catalogue's prices. */
  readonly cost_usd: ByCapacity<number>;
  /** The tokens of `usage` at the prices that the catalogue has for the model; null where it has none. */
  readonly list_price_usd: number | null;
  /** Where to GET the proof that output and error file hold each id of the input once; null until there is one. */
  readonly manifest: string | null;
}

export interface ExtensionFacts {
  readonly batch: Batch;
  readonly shards: readonly Shard[];
  /** As `usage` shows them. */
  readonly totals: ShardTotals;
  readonly summary: FleetSummary | null;
  readonly catalogue: Catalogue;
  readonly nowMs: number;
}

export function batchExtension(facts: ExtensionFacts): BatchExtension {
  const { batch, shards, summary } = facts;
  const leaseMs = totalLeaseMs(shards);
  const open = batch.phase.kind === 'enrolled';
  return {
    request_id: batch.requestId ?? null,
    waiting: waitingReason(facts),
    fleet: batch.plan?.fleetId ?? null,
    tasks:
      summary === null || !open
        ? null
        : { spot: countsOf(summary.spot), on_demand: countsOf(summary.onDemand) },
    shards: {
      total: batch.plan?.shards ?? 0,
      settled: shards.filter((shard) => shard.state !== 'open').length,
      attempts: shards.reduce((sum, shard) => sum + shard.attempts, 0),
    },
    task_seconds: { spot: leaseMs.spot / 1000, on_demand: leaseMs.onDemand / 1000 },
    cost_usd: costOf(facts, leaseMs),
    list_price_usd: listPriceOf(facts),
    manifest: hasManifest(batch) ? `/v1/batches/${batch.id}/manifest` : null,
  };
}

const hasManifest = ({ phase }: Batch): boolean => phase.kind === 'over' && phase.as !== 'failed';

/** A store hands out fields in an order of its own. */
const countsOf = ({ starting, running }: TaskCounts): TaskCounts => ({ starting, running });

function totalLeaseMs(shards: readonly Shard[]): LeaseMs {
  let [spot, onDemand] = [0, 0];
  for (const { pastLeaseMs, currentLeaseMs } of shards) {
    spot += pastLeaseMs.spot + currentLeaseMs.spot;
    onDemand += pastLeaseMs.onDemand + currentLeaseMs.onDemand;
  }
  return { spot, onDemand };
}

const TOKENS_PER_PRICE = 1_000_000;

function listPriceOf({ batch, totals, catalogue }: ExtensionFacts): number | null {
  const prices = catalogue.fleets.find(({ id }) => id === batch.plan?.fleetId)?.prices;
  if (prices === undefined) return null;
  const input = totals.inputTokens * prices.inputUsdPerMillionTokens;
  const output = totals.outputTokens * prices.outputUsdPerMillionTokens;
  return (input + output) / TOKENS_PER_PRICE;
}

const MS_PER_HOUR = 3_600_000;

function costOf({ batch, catalogue }: ExtensionFacts, leaseMs: LeaseMs): ByCapacity<number> {
  const fleet = catalogue.fleets.find(({ id }) => id === batch.plan?.fleetId);
  const gpuClass = catalogue.gpuClasses.find(({ id }) => id === fleet?.gpuClass);
  if (fleet === undefined || gpuClass === undefined) return { spot: 0, on_demand: 0 };
  const perHour = taskUsdPerHour(fleet, gpuClass);
  return {
    spot: (leaseMs.spot / MS_PER_HOUR) * perHour.spot,
    on_demand: (leaseMs.onDemand / MS_PER_HOUR) * perHour.onDemand,
  };
}
