import { spawn } from 'node:child_process';

/** As much as says why a program failed. */
const SHOWN_CHARACTERS = 4000;

export interface Program {
  readonly command: string;
  readonly arguments: readonly string[];
  /** @default - as long as it takes */
  readonly limitMs?: number;
  /** @default - this process's own */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and gives its standard output; fails, with the end of what it said, where it does. */
export function runProgram({ command, arguments: args, limitMs, env }: Program): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    killSignal: 'SIGKILL',
    ...(limitMs !== undefined && { timeout: limitMs }),
    ...(env && { env }),
  });
  let [out, all] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
    all += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    all += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command} ended with ${code ?? signal}:\n${all.slice(-SHOWN_CHARACTERS)}`));
    });
  });
}
