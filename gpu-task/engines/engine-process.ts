import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

export interface EngineProcessOptions {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

/** A program with everything that it starts, in a process group of its own. */
export interface EngineProcess {
  /** Resolves when the program has ended and its group with it. */
  readonly exited: Promise<void>;
  terminate(): void;
  kill(): void;
}

/**
 * A watcher in the group holds our end of a pipe: when we die, by whatever signal, the pipe closes and the watcher
 * kills the group. It outlives the SIGTERM that the group gets.
 */
const TIED_TO_PARENT = [
  'exec 3<&0 </dev/null',
  "(trap '' TERM INT HUP; cat <&3; kill -9 -$$) >/dev/null 2>&1 &",
  'exec 3<&-',
  'exec "$@"',
].join('\n');
/** Longer than the kernel takes to free what killed processes held. */
const GROUP_GONE_MS = 10_000;

/** Starts a program that cannot outlive this process, and whose group a signal to ours does not reach. */
export function startEngineProcess({ command, env, onLine }: EngineProcessOptions): EngineProcess {
  const child = spawn('/bin/sh', ['-c', TIED_TO_PARENT, 'sh', ...command], {
    env: { ...env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
  child.stdin.on('error', () => undefined);
  const signal = (name: NodeJS.Signals): void => signalGroup(child.pid, name);
  return {
    exited: exitOf(child, () => signal('SIGKILL')),
    terminate: () => signal('SIGTERM'),
    kill: () => signal('SIGKILL'),
  };
}

/** What the program leaves of its group still holds GPU memory: it is killed, and gone when nobody holds the output. */
function exitOf(child: ChildProcess, killGroup: () => void): Promise<void> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return new Promise((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => {
      killGroup();
      child.stdin?.destroy();
      void Promise.race([closed, delay(GROUP_GONE_MS, undefined, { ref: false })]).then(() => resolve());
    });
  });
}

function signalGroup(leader: number | undefined, name: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
