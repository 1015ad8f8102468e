import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fleet, fleetSchema } from '../core/fleet/catalogue.ts';

export interface ModelConfig {
  /** Below config/models, without `.json`. */
  readonly name: string;
  readonly fleet: Fleet;
}

/** Reads every file of `config/models`. Throws where one is no Fleet. */
export function readModelConfigs(directory: string): readonly ModelConfig[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ name: file.slice(0, -'.json'.length), fleet: readFleet(join(directory, file)) }));
}

function readFleet(file: string): Fleet {
  try {
    return fleetSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`Could not read ${file}: ${(error as Error).message}`, { cause: error });
  }
}
