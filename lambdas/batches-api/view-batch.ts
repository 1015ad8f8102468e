import type { Batch, LineError } from '../../core/batch/batch.ts';
import type { Catalogue } from '../../core/fleet/catalogue.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Clock, Objects, Records } from '../../core/ports.ts';
import { NO_TOTALS, plusTotals, type Shard, type ShardTotals } from '../../core/protocol/shard.ts';
import { renderBatch, type WireBatch } from '../../core/wire/batch.ts';
import { batchExtension } from '../../core/wire/batch-extension.ts';

export interface ViewDeps {
  readonly records: Records;
  readonly objects: Objects;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
}

/** The Batch as the wire shows it; until it is over its counts are those of its Shards, perhaps a second old. */
export async function viewBatch(deps: ViewDeps, batch: Batch): Promise<WireBatch> {
  const { records, catalogue, clock } = deps;
  const range = recordKeys.shards(batch.tenant, batch.id);
  const mayLag = batch.phase.kind !== 'over';
  const shards = batch.plan === undefined ? [] : await records.query(range, { mayLag });
  const fleetId = batch.phase.kind === 'enrolled' ? batch.plan?.fleetId : undefined;
  const summary = fleetId === undefined ? null : await records.read(recordKeys.fleetSummary(fleetId));
  const totals = totalsOf(batch, shards);
  return renderBatch({
    batch,
    totals,
    errors: await errorsOf(deps, batch),
    extension: batchExtension({ batch, shards, totals, summary, catalogue, nowMs: clock.nowMs() }),
  });
}

function totalsOf({ phase }: Batch, shards: readonly Shard[]): ShardTotals {
  if (phase.kind === 'over') return phase.as === 'failed' ? NO_TOTALS : phase.totals;
  return shards.reduce((sum, { totals }) => plusTotals(sum, totals), NO_TOTALS);
}

async function errorsOf({ objects }: ViewDeps, batch: Batch): Promise<readonly LineError[] | null> {
  if (batch.errorsKey === undefined) return null;
  const body = await objects.get(batch.errorsKey);
  return body === null ? [] : (JSON.parse(Buffer.from(body).toString()) as readonly LineError[]);
}
