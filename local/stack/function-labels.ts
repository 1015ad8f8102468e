import { z } from 'zod';
import type { Deployment } from '../template/deployment.ts';
import { deployed } from './deployed.ts';

const schema = z.object({
  Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }) }),
});

/** Names functions as their own log lines do, where they say so: short, and the same in every deployment. */
export function functionLabels(deployment: Deployment): (functionName: string) => string {
  const labels = new Map<string, string>();
  for (const { physicalId, properties } of deployed(deployment, 'AWS::Lambda::Function')) {
    const label = schema.safeParse(properties).data?.Environment.Variables.POWERTOOLS_SERVICE_NAME;
    if (label !== undefined) labels.set(physicalId, label);
  }
  return (functionName) => labels.get(functionName) ?? functionName;
}
