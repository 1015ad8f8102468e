import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** SQLite's SQLITE_BUSY: another connection holds the lock. */
const BUSY = 5;

/**
 * Takes a data directory for this process, and gives the function that lets it go. The lock is one of the
 * operating system, so it ends with its process, however that ends. Throws, naming the holder, if it is taken.
 */
export function lockDataDirectory(dataDirectory: string): () => void {
  mkdirSync(dataDirectory, { recursive: true });
  const pidFile = join(dataDirectory, 'stack.pid');
  const lock = new DatabaseSync(join(dataDirectory, 'stack.lock'));
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== BUSY) throw error;
    throw new Error(
      `${dataDirectory} is in use by another local stack (process ${holder(pidFile)}): ` +
        'stop that one, or choose another data directory.',
      { cause: error },
    );
  }
  writeFileSync(pidFile, String(process.pid));
  return () => lock.close();
}

function holder(pidFile: string): string {
  try {
    return readFileSync(pidFile, 'utf8');
  } catch {
    return 'unknown';
  }
}
