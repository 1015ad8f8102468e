import { recordKeys } from '../keys.ts';
import type { Executions, Records } from '../ports.ts';
import { applyReport, type Report, type ReportResult } from './report.ts';
import { isSettled } from './settled.ts';
import { wakeLifecycle } from './wake-lifecycle.ts';

/**
 * Records a report. Where its Shard is settled by it, or it is a duplicate or stale (the call that settled the
 * Shard may have died right after), tests whether the whole Batch is settled and wakes its lifecycle.
 */
export async function recordReport(
  ports: { readonly records: Records; readonly executions: Executions },
  report: Report,
): Promise<ReportResult> {
  const { records } = ports;
  const result = await records.change(recordKeys.shard(report.shard), (shard) => applyReport(shard, report));
  if (result === 'recorded') return result;
  const { tenant, batchId } = report.shard;
  const batch = await records.read(recordKeys.batch(tenant, batchId));
  if (batch !== null && (await isSettled(records, batch))) await wakeLifecycle(ports, { tenant, batchId });
  return result;
}
