import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { CheckedProfile } from '../core/doctor/checked-profile.ts';
import { fleetSchema, gpuClassSchema, maxInstancesSchema } from '../core/fleet/catalogue.ts';
import { readModelConfigs } from './model-configs.ts';

/** What the checks need of a profile; synth is what refuses the rest of it. */
const profileSchema = z.object({
  stackName: z.string(),
  agentImage: z.string().nullable().default(null),
  models: z.array(z.string()),
  zones: z.number().int(),
  maxInstances: z.record(z.string(), maxInstancesSchema).default({}),
  fleet: z.record(z.string(), z.unknown()).optional(),
});

/** Reads a profile of `config/` with its Fleets and their GPU classes. Throws where one is missing or wrong. */
export function readCheckedProfile(directory: string, name: string): CheckedProfile {
  const {
    stackName,
    agentImage,
    models,
    zones,
    maxInstances,
    fleet: replaced,
  } = profileSchema.parse(readJson(join(directory, 'profiles', `${name}.json`)));
  const fleets = readModelConfigs(join(directory, 'models'))
    .filter((config) => models.includes(config.name))
    .map((config) => ({ config: config.name, fleet: fleetSchema.parse({ ...config.fleet, ...replaced }) }));
  const gpuClasses = z
    .array(gpuClassSchema)
    .parse(readJson(join(directory, 'gpu-classes.json')))
    .filter(({ id }) => fleets.some(({ fleet }) => fleet.gpuClass === id))
    .map((each) => ({ ...each, maxInstances: maxInstances[each.id] ?? each.maxInstances }));
  return { stackName, agentImage, zones, gpuClasses, fleets };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`Could not read ${file}: ${(error as Error).message}`, { cause: error });
  }
}
