import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { ECSClient } from '@aws-sdk/client-ecs';
import { awsGpuInstances } from '../../adapters/aws/gpu-instances.ts';
import type { InstanceGroup } from '../../core/fleet/instances.ts';
import { stackGroups } from './stack-groups.ts';
import { changes } from './timeline.ts';

// `npm run measure:scaling -- --stack <name>`: prints, until Ctrl-C, when instances of a deployed stack were asked for,
// came, were used and went. Changes nothing: create a Batch beside it.
const EVERY_MS = 2000;

async function watch(stackName: string): Promise<never> {
  const ecs = new ECSClient();
  const options = await stackGroups(ecs, stackName);
  const instances = awsGpuInstances({ ecs, autoScaling: new AutoScalingClient() }, options);
  process.stdout.write(`Watching ${options.groups.map(({ name }) => name).join(', ')}.\n`);
  let before: readonly InstanceGroup[] = [];
  for (const startMs = performance.now(); ; await delay(EVERY_MS)) {
    const now = await instances.look();
    const seconds = ((performance.now() - startMs) / 1000).toFixed(0).padStart(6);
    for (const { group, what, from, to } of changes(before, now)) {
      process.stdout.write(`${seconds} s  ${group}  ${what} ${from} → ${to}\n`);
    }
    before = now;
  }
}

const { values } = parseArgs({ options: { stack: { type: 'string', default: 'Slackline' } } });
try {
  await watch(values.stack);
} catch (error) {
  process.stderr.write(`The stack ${values.stack} cannot be watched: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
