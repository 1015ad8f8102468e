import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A longer path does not fit into a socket's address. */
const MAX_SOCKET_PATH_BYTES = 100;

export interface EngineSocket {
  readonly path: string;
  /** Deletes the socket with its folder. */
  remove(): void;
}

/** A path for a unix socket in a folder of its own that no other user can enter, but for a group where one is given. */
export function engineSocket(groupId?: number): EngineSocket {
  const folder = socketFolder();
  if (groupId !== undefined) share(folder, groupId);
  return {
    path: join(folder, 'engine.sock'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function socketFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slk-'));
  if (Buffer.byteLength(join(folder, 'engine.sock')) <= MAX_SOCKET_PATH_BYTES) return folder;
  rmSync(folder, { recursive: true });
  return mkdtempSync('/tmp/slk-');
}

/** The group first: the folder is never open to another. */
function share(folder: string, groupId: number): void {
  const sameOwner = -1;
  chownSync(folder, sameOwner, groupId);
  chmodSync(folder, 0o770);
}
