import { createHash, type Hash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A hash over the names and bytes of files and folders (those that exist) and over some texts. */
export function contentHash(root: string, paths: readonly string[], texts: readonly string[] = []): string {
  const hash = createHash('sha256');
  for (const path of paths) addPath(hash, root, path);
  for (const text of texts) hash.update(`${text.length}:${text}`);
  return hash.digest('hex').slice(0, 16);
}

function addPath(hash: Hash, root: string, path: string): void {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (stat.isDirectory()) {
    for (const name of readdirSync(join(root, path)).sort()) addPath(hash, root, join(path, name));
    return;
  }
  hash.update(`${path}:${stat.size}:`).update(readFileSync(join(root, path)));
}
