import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

export interface BinarySearch {
  /** The value of the PATH variable. */
  readonly path: string;
  /** Finds a package's file, or throws. @default - as node resolves from here */
  readonly resolve?: (specifier: string) => string;
}

/**
 * Finds the dynoxide binary: the one of the npm package for linux-x64, else one on the PATH. Throws an error
 * that says how to get one.
 */
export function findDynoxide(search: BinarySearch): string {
  const resolve = search.resolve ?? createRequire(import.meta.url).resolve;
  const found = [packaged(resolve), ...onPath(search.path)].find((file) => file !== undefined && runs(file));
  if (found !== undefined) return found;
  throw new Error(
    `The local stack keeps its tables in dynoxide, and has none for ${process.platform}-${process.arch}: only ` +
      'linux-x64 comes with npm install. Get a release for your machine from github.com/nubo-db/dynoxide ' +
      'and put the binary "dynoxide" on your PATH.',
  );
}

function packaged(resolve: (specifier: string) => string): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  try {
    return join(dirname(resolve('@dynoxide/linux-x64/package.json')), 'dynoxide');
  } catch {
    return undefined;
  }
}

function onPath(path: string): string[] {
  return path
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, 'dynoxide'));
}

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
