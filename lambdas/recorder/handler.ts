import { recordKeys } from '../../core/keys.ts';
import { recordReport } from '../../core/protocol/record-report.ts';
import type { Report } from '../../core/protocol/report.ts';
import type { StartPorts } from '../../core/protocol/start-execution.ts';
import { wakeFleet } from '../../core/protocol/wake-fleet.ts';

/** Records one report; a Shard that settles by it frees a Task, so the Fleet plans anew. */
export const recordOne = (ports: StartPorts) => async (report: Report) => {
  const result = await recordReport(ports, report);
  if (result === 'settled') await wakeFleetOf(ports, report);
  return result;
};

async function wakeFleetOf(ports: StartPorts, { shard }: Report): Promise<void> {
  const batch = await ports.records.read(recordKeys.batch(shard.tenant, shard.batchId));
  if (batch?.plan !== undefined) await wakeFleet(ports, batch.plan.fleetId);
}
