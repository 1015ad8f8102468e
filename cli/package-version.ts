import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, '..', 'package.json');

/** The version of this checkout. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly version: string };
  return version;
}
