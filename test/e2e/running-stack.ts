import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..', '..');

const stateSchema = z.object({
  pid: z.number(),
  baseUrl: z.string(),
  endpoints: z.record(z.string(), z.string()),
  resources: z.array(z.object({ type: z.string(), logicalId: z.string(), physicalId: z.string() })),
});
export type StackState = z.infer<typeof stateSchema>;

export interface RunningStack {
  readonly state: StackState;
  /** Everything that it printed. */
  printed(): string;
  /** Ends it without notice, as a crash does. */
  kill9(): Promise<void>;
  /** Ends it as Ctrl-C does. */
  stop(): Promise<void>;
}

/** Starts `local/main.ts` as users do. Rejects, with what it printed, if it ends before it is ready. */
export async function runStack(dataDirectory: string, args: readonly string[]): Promise<RunningStack> {
  const stateFile = join(dataDirectory, 'stack.json');
  const child = spawn(process.execPath, ['local/main.ts', '--data', dataDirectory, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = new Promise<void>((resolve) => {
    const listen = (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes('Ready after')) resolve();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
  });
  await Promise.race([ready, exited]);
  if (!printed.includes('Ready after') || !existsSync(stateFile)) {
    throw new Error(`The local stack did not start:\n${printed}`);
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  return {
    state: stateSchema.parse(JSON.parse(readFileSync(stateFile, 'utf8'))),
    printed: () => printed,
    kill9: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}
