import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../run-program.ts';
import { explain } from './not-installable.ts';

const LIMIT_MS = 300_000;

/** In each folder that is made here, from its first moment. */
const MARKER = 'made-by-slackline';

/** Makes a folder anew, with a virtual environment of python3 in its `venv`. Throws where it holds what is not ours. */
export async function makeVenv(directory: string): Promise<void> {
  if (holdsForeign(directory)) {
    throw new Error(
      `${directory} holds something, and it was not made here. Name a folder that is empty or not there, or empty it yourself.`,
    );
  }
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, MARKER), '');
  const venv = { command: 'python3', arguments: ['-m', 'venv', join(directory, 'venv')] };
  await runProgram({ ...venv, limitMs: LIMIT_MS }).catch(explain('python3 with its venv module is needed'));
}

const holdsForeign = (directory: string): boolean =>
  existsSync(directory) && readdirSync(directory).length > 0 && !existsSync(join(directory, MARKER));
