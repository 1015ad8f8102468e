import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  type Catalogue,
  catalogueSchema,
  type Fleet,
  fleetSchema,
  type GpuClass,
  gpuClassSchema,
} from '../core/fleet/catalogue.ts';
import { parseEngineOption, withEngines } from '../core/fleet/engine-option.ts';
import { vllmGpus } from '../core/fleet/vllm-gpus.ts';
import { checkGpuClass } from './check-gpu-class.ts';
import { checkModels } from './check-models.ts';
import { checkPrivateNetwork } from './check-private-network.ts';
import { type Profile, profileSchema } from './profile.ts';

/** What the app takes from `cdk.json`, from `-c <name>=<value>`, and from the local stack; the rest is CDK's own. */
export const contextSchema = z.object({
  profile: z.string(),
  /** One by `-c`, several from the local stack. */
  engine: z.union([z.string().transform((engine) => [engine]), z.array(z.string())]).default([]),
  /** In place of what git says; empty: none. */
  commit: z.string().optional(),
});

export interface Config {
  readonly profile: Profile;
  readonly catalogue: Catalogue;
}

export interface ConfigOptions {
  /** Stand in for those of the Fleets, each as `[<fleet>=]<engine>`; the last that fits a Fleet wins. */
  readonly engines?: readonly string[];
}

/** Reads `config/`: a profile, the models that it names and the GPU classes. Throws where anything is wrong. */
export function readConfig(directory: string, profileName: string, options: ConfigOptions = {}): Config {
  const profile = readProfile(join(directory, 'profiles'), profileName);
  if (profile.monthlyBudgetUsd !== null && profile.alarmEmail === null) {
    throw new Error(
      `Profile ${profileName}: monthlyBudgetUsd needs an alarmEmail; nobody else is told of it.`,
    );
  }
  const ofProfile = profile.models.map((model) =>
    readFleet(join(directory, 'models', `${model}.json`), profile.fleet),
  );
  const fleets = withEngines(ofProfile, (options.engines ?? []).map(parseEngineOption));
  const known = withQuotas(
    z.array(gpuClassSchema).parse(readJson(join(directory, 'gpu-classes.json'))),
    profile.maxInstances,
  );
  for (const gpuClass of known) checkGpuClass(gpuClass);
  for (const fleet of fleets) checkFleet(known, fleet);
  checkModels(fleets);
  checkPrivateNetwork(profile, fleets);
  // What no Fleet of the profile runs on gets no auto scaling groups.
  const gpuClasses = known.filter(({ id }) => fleets.some((fleet) => fleet.gpuClass === id));
  const catalogue = catalogueSchema.parse({ fleets, gpuClasses });
  for (const { id } of gpuClasses) checkClass(catalogue, id);
  return { profile, catalogue };
}

function withQuotas(known: readonly GpuClass[], ofProfile: Profile['maxInstances']): readonly GpuClass[] {
  for (const [id, part] of Object.entries(ofProfile)) {
    const all = known.find((gpuClass) => gpuClass.id === id)?.maxInstances;
    if (all !== undefined && part.spot <= all.spot && part.onDemand <= all.onDemand) continue;
    throw new Error(
      `The profile's maxInstances of ${id} is not a part of what config/gpu-classes.json has: ${JSON.stringify(all ?? 'no such class')}.`,
    );
  }
  return known.map((gpuClass) => ({
    ...gpuClass,
    maxInstances: ofProfile[gpuClass.id] ?? gpuClass.maxInstances,
  }));
}

function readProfile(directory: string, name: string): Profile {
  const names = readdirSync(directory).map((file) => file.replace(/\.json$/, ''));
  if (names.includes(name)) return profileSchema.parse(readJson(join(directory, `${name}.json`)));
  throw new Error(`There is no profile ${name}. config/profiles has: ${names.toSorted().join(', ')}.`);
}

/** What was measured takes the place of the priors, but not of a profile's own: that runs on something else. */
function readFleet(file: string, ofProfile: Profile['fleet']): Fleet {
  const entry = readJson(file) as object;
  const { measured } = fleetSchema.parse(entry);
  const priors = measured && { tokensPerSecond: measured.tokensPerSecond, startMs: measured.startMs };
  return fleetSchema.parse({ ...entry, ...priors, ...ofProfile });
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`Could not read ${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Two guards must never count on the same instance: the caps of a class's Fleets fit its quota together. */
function checkClass({ fleets, gpuClasses }: Catalogue, id: string): void {
  const max = gpuClasses.find((gpuClass) => gpuClass.id === id)?.maxInstances;
  const members = fleets.filter((fleet) => fleet.gpuClass === id);
  for (const option of ['spot', 'onDemand'] as const) {
    const wanted = members.reduce((sum, fleet) => sum + fleet.maxTasks[option], 0);
    if (max !== undefined && wanted > max[option]) {
      const names = members.map((fleet) => `${fleet.id} (${fleet.maxTasks[option]})`).join(', ');
      throw new Error(
        `GPU class ${id}: the Fleets ${names} may run ${wanted} ${option} Tasks, but maxInstances.${option} is ${max[option]}. Lower maxTasks, or raise maxInstances of the class or of the profile.`,
      );
    }
  }
}

function checkFleet(known: readonly GpuClass[], { id, gpuClass, gpusPerTask, engine }: Fleet): void {
  const found = known.find((each) => each.id === gpuClass);
  if (found === undefined) {
    const ids = known.map((each) => each.id).join(', ');
    throw new Error(`Fleet ${id} names the GPU class ${gpuClass}; config/gpu-classes.json has: ${ids}.`);
  }
  if (gpusPerTask > found.gpusPerInstance) {
    throw new Error(
      `Fleet ${id} wants ${gpusPerTask} GPUs a Task, but an instance of ${gpuClass} has ${found.gpusPerInstance}.`,
    );
  }
  const taken = engine.kind === 'vllm' ? vllmGpus(engine.args) : gpusPerTask;
  if (taken !== gpusPerTask) {
    throw new Error(
      `Fleet ${id}: the flags of its engine take ${taken} GPUs (tensor × pipeline × data parallel), but gpusPerTask is ${gpusPerTask}.`,
    );
  }
}
