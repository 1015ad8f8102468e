import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

export interface EngineProcessOptions {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  /** Becomes the command that follows it, as another user. @default - none: the program runs as our user */
  readonly launcher?: readonly string[] | undefined;
}

/** A program with everything that it starts, in a process group of its own. */
export interface EngineProcess {
  /** Resolves when the program has ended and its group with it; at the latest a while after it was killed. */
  readonly exited: Promise<void>;
  terminate(): void;
  kill(): void;
}

const TERMINATE = 'term';
/**
 * Nobody may signal processes of another user, so a watcher in the group does it for us: at our word, and when our end
 * of its pipe closes, be it because we died, by whatever signal. It outlives the SIGTERM that the group gets.
 */
const TIED_TO_PARENT = [
  'exec 3<&0 </dev/null',
  '(',
  "trap '' TERM INT HUP",
  `while read -r word; do [ "$word" = ${TERMINATE} ] && kill -s TERM -- -$$; done <&3`,
  'kill -s KILL -- -$$',
  ') >/dev/null 2>&1 &',
  'exec 3<&-',
  'exec "$@"',
].join('\n');
/** Longer than the kernel takes to free what killed processes held. */
const GROUP_GONE_MS = 10_000;

/** Starts a program that cannot outlive this process, and whose group a signal to ours does not reach. */
export function startEngineProcess(options: EngineProcessOptions): EngineProcess {
  const { command, env, onLine, launcher = [] } = options;
  const [program = '', ...args] = [...launcher, '/bin/sh', '-c', TIED_TO_PARENT, 'sh', ...command];
  const child = spawn(program, args, {
    env: { ...env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
  child.stdin.on('error', () => undefined);
  return {
    exited: exitOf(child),
    terminate() {
      if (child.stdin.writable) child.stdin.write(`${TERMINATE}\n`);
    },
    kill: () => void child.stdin.destroy(),
  };
}

/** What the program leaves of its group still holds GPU memory: it is killed, and gone when nobody holds the output. */
function exitOf(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<void> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return new Promise((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => child.stdin.destroy());
    child.stdin.once('close', () => {
      const patience = delay(GROUP_GONE_MS, undefined, { ref: false });
      void Promise.race([closed, patience]).then(() => resolve());
    });
  });
}
