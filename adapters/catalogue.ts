import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Catalogue, catalogueSchema } from '../core/fleet/catalogue.ts';

/** The file that synth writes beside every bundle. */
const CATALOGUE_FILE = 'catalogue.json';

/** Reads the catalogue that lies beside the function's bundle. */
export function readCatalogue(bundleDirectory: string): Catalogue {
  return catalogueSchema.parse(JSON.parse(readFileSync(join(bundleDirectory, CATALOGUE_FILE), 'utf8')));
}
