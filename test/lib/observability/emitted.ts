import type { Catalogue } from '../../../core/fleet/catalogue.ts';
import { gpuA10G } from '../../core/agent/gpu-output.ts';
import { agentRig } from '../../gpu-task/agent-rig.ts';
import { fakeGpus } from '../../gpu-task/fake-gpus.ts';
import { type BufferedMetrics, bufferedMetrics, type Datum } from './emf.ts';
import {
  createBatch,
  type Deployed,
  finalizeInTrouble,
  planInTrouble,
  signalTrouble,
  sweepInTrouble,
  tellEveryEnd,
} from './functions-in-trouble.ts';

/** The real code of everything that measures, each under the name that it runs under, in all kinds of trouble. */
export const SERVICES: Readonly<
  Record<string, (metrics: BufferedMetrics, deployed: Deployed) => Promise<void>>
> = {
  'batches-api': createBatch,
  'gpu-task': agentsInTrouble,
  'lifecycle-finalize': finalizeInTrouble,
  'lifecycle-tell': tellEveryEnd,
  'scheduler-plan': planInTrouble,
  signals: signalTrouble,
  sweeper: sweepInTrouble,
};

/** What all of them write. */
export async function allEmitted({ fleets, gpuClasses }: Catalogue): Promise<readonly Datum[]> {
  const [fleet] = fleets;
  const gpuClass = gpuClasses.find(({ id }) => id === fleet?.gpuClass);
  if (fleet === undefined || gpuClass === undefined) throw new Error('The catalogue has no Fleet.');
  const written = Object.entries(SERVICES).map(async ([service, run]) => {
    const { metrics, data } = bufferedMetrics(service);
    await run(metrics, { fleet, gpuClass });
    return data;
  });
  return (await Promise.all(written)).flat();
}

/** An agent on each purchase option: with a hot and full GPU for three minutes, then one that errs. */
async function agentsInTrouble(metrics: BufferedMetrics, { fleet }: Deployed): Promise<void> {
  for (const capacity of ['spot', 'on-demand'] as const) {
    const rig = agentRig({ id: fleet.id });
    const gpus = fakeGpus();
    metrics.follow(rig.time);
    gpus.showGpu({ temperatureC: 95, memoryUsedMib: gpuA10G.memoryTotalMib });
    await rig.enrol(['a', 'b']);
    await rig.dispatch();
    const exit = rig.start({ gpus: gpus.probe, metrics, capacity });
    await rig.time.advance(3 * 60_000);
    gpus.showGpu({ uncorrectedErrors: 5 });
    await rig.time.advance(20_000);
    await exit;
  }
}
