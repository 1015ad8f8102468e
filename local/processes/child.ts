import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ChildOptions {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called with each line that the process prints. @default - the output is thrown away */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  /** Signals the process alone, as a container runtime signals PID 1. */
  signal(signal: NodeJS.Signals): void;
  /** Kills the process and whatever it started in its group, as the end of a container does. */
  killGroup(): void;
}

/**
 * A watcher in the child's own process group holds our end of a pipe: when we die, by whatever signal, the
 * pipe closes and the watcher kills the group. No cooperation of the child is needed.
 */
const TIED_TO_PARENT = [
  'exec 3<&0 </dev/null',
  '(cat <&3 >/dev/null 2>&1; kill -9 -$$) >/dev/null 2>&1 &',
  'exec 3<&-',
  'exec "$@"',
].join('\n');

/** Starts a process that leads its own group and cannot outlive this one. */
export function startChild(options: ChildOptions): Child {
  const child = spawn('/bin/sh', ['-c', TIED_TO_PARENT, 'sh', ...options.command], {
    env: { ...options.env },
    cwd: options.cwd,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`Could not start ${options.command[0]}: no shell at /bin/sh.`);
  for (const stream of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[stream] }).on('line', (line) => options.onLine?.(line, stream));
  }
  child.stdin.on('error', () => undefined);
  return {
    pid,
    exited: exitOf(child),
    signal: (signal) => sendSignal(pid, signal),
    killGroup: () => sendSignal(-pid, 'SIGKILL'),
  };
}

function exitOf(child: ChildProcess): Promise<ChildExit> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      child.stdin?.destroy();
      resolve({ code, signal });
    });
  });
}

function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
