import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

export interface CachedBuild {
  /** Holds the results, one folder for each. */
  readonly directory: string;
  readonly name: string;
  /** Of everything that the result depends on. */
  readonly hash: string;
  /** Fills an empty folder. */
  readonly build: (into: string) => Promise<void>;
}

/** Older results of a name that are kept: a stack may still run from one. */
const KEPT = 4;

/** Gives the folder with the result for this hash, built at most once; one that is half built is never given. */
export async function cachedBuild({ directory, name, hash, build }: CachedBuild): Promise<string> {
  const result = join(directory, `${name}-${hash}`);
  if (!existsSync(result)) {
    const unfinished = join(directory, `.${name}-${hash}-${process.pid}`);
    mkdirSync(unfinished, { recursive: true });
    try {
      await build(unfinished);
      moveTo(unfinished, result);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
    removeOld(directory, name, result);
  }
  const now = new Date();
  utimesSync(result, now, now);
  return result;
}

/** Where another process was quicker, its result is as good. */
function moveTo(unfinished: string, result: string): void {
  try {
    renameSync(unfinished, result);
  } catch (error) {
    if (!existsSync(result)) throw error;
  }
}

function removeOld(directory: string, name: string, result: string): void {
  const others = readdirSync(directory)
    .filter((entry) => entry.startsWith(`${name}-`) && join(directory, entry) !== result)
    .map((entry) => ({ path: join(directory, entry), usedAtMs: statSync(join(directory, entry)).mtimeMs }))
    .sort((a, b) => b.usedAtMs - a.usedAtMs);
  for (const { path } of others.slice(KEPT)) rmSync(path, { recursive: true, force: true });
}
