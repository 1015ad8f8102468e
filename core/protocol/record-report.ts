import { recordKeys } from '../keys.ts';
import { applyReport, type Report, type ReportResult } from './report.ts';
import { isSettled } from './settled.ts';
import type { StartPorts } from './start-execution.ts';
import { tellFleetOfSettled, wakeFleet } from './wake-fleet.ts';
import { wakeLifecycle } from './wake-lifecycle.ts';

/**
 * Records a report. Where its Shard is settled by it, or it is a duplicate or stale (the call that settled the
 * Shard may have died right after), tests whether the whole Batch is settled: then its lifecycle closes it, and its
 * Fleet may need no more Tasks. A Shard that settles alone frees a Task, which the Fleet hears of.
 */
export async function recordReport(ports: StartPorts, report: Report): Promise<ReportResult> {
  const { records } = ports;
  const result = await records.change(recordKeys.shard(report.shard), (shard) => applyReport(shard, report));
  if (result === 'recorded') return result;
  const { tenant, batchId } = report.shard;
  const batch = await records.read(recordKeys.batch(tenant, batchId));
  if (batch?.plan === undefined) return result;
  const { fleetId } = batch.plan;
  if (await isSettled(records, batch)) {
    await wakeLifecycle(ports, { tenant, batchId });
    await wakeFleet(ports, fleetId);
  } else if (result === 'settled') {
    await tellFleetOfSettled(ports, fleetId);
  }
  return result;
}
