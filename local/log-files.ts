import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { logName, type Trouble, troubleIn } from './log-trouble.ts';
import type { OnLog } from './stack/log-source.ts';

export interface LogFilesOptions {
  readonly directory: string;
  /** Told of troubles, one line each; within a minute not again of the same. */
  readonly onTrouble: (line: string) => void;
  /** @default - since the program began */
  readonly nowMs?: () => number;
}

export interface LogFiles {
  readonly onLog: OnLog;
  /** From here on troubles go to the files alone: an end cuts off what is under way. */
  hush(): void;
  close(): void;
}

/** A longer line would break over the terminal, and holds a stack trace that is in the file too. */
const MAX_TROUBLE_CHARACTERS = 240;
/** A Task's reason quotes its engine, and names what to write instead. */
const MAX_TASK_CHARACTERS = 600;
const SAME_AGAIN_MS = 60_000;

/** Writes what functions, tasks and the stack itself print to one file each. */
export function openLogFiles({
  directory,
  onTrouble,
  nowMs = () => performance.now(),
}: LogFilesOptions): LogFiles {
  mkdirSync(directory, { recursive: true });
  const files = new Map<string, number>();
  const isNew = newTroubles(nowMs);
  let hushed = false;
  const pathOf = (name: string): string => join(directory, `${name}.log`);
  const fileOf = (name: string): number => {
    const file = files.get(name) ?? openSync(pathOf(name), 'a');
    files.set(name, file);
    return file;
  };
  return {
    onLog(source, line) {
      const name = logName(source);
      writeSync(fileOf(name), `${line}\n`);
      const trouble = hushed ? undefined : troubleIn(source, line);
      if (trouble === undefined || !isNew(trouble)) return;
      const text = `${trouble.about}: ${trouble.text}`.replace(/\s+/g, ' ');
      onTrouble(
        source.kind === 'task'
          ? `${text.slice(0, MAX_TASK_CHARACTERS)} Log: ${pathOf(name)}`
          : text.slice(0, MAX_TROUBLE_CHARACTERS),
      );
    },
    hush() {
      hushed = true;
    },
    close() {
      for (const file of files.values()) closeSync(file);
      files.clear();
    },
  };
}

/** Whether a trouble is another one than the last of the same source, or a reminder is due. */
function newTroubles(nowMs: () => number): (trouble: Trouble) => boolean {
  const last = new Map<string, { readonly text: string; readonly toldAtMs: number }>();
  return ({ about, text }) => {
    const known = last.get(about);
    if (known?.text === text && nowMs() - known.toldAtMs < SAME_AGAIN_MS) return false;
    last.set(about, { text, toldAtMs: nowMs() });
    return true;
  };
}
