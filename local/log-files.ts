import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { LogSource, OnLog } from './stack/log-source.ts';

export interface LogFilesOptions {
  readonly directory: string;
  /** Told of errors, one line each; not again while the same source repeats the same one. */
  readonly onError: (line: string) => void;
}

export interface LogFiles {
  readonly onLog: OnLog;
  close(): void;
}

/** A longer line would break over the terminal, and holds a stack trace that is in the file too. */
const MAX_ERROR_CHARACTERS = 240;

/** Writes what functions, tasks and the stack itself print to one file each. */
export function openLogFiles({ directory, onError }: LogFilesOptions): LogFiles {
  mkdirSync(directory, { recursive: true });
  const files = new Map<string, number>();
  const lastErrors = new Map<string, string>();
  const fileOf = (name: string): number => {
    const file = files.get(name) ?? openSync(join(directory, `${name}.log`), 'a');
    files.set(name, file);
    return file;
  };
  return {
    onLog(source, line) {
      const name = source.kind === 'task' ? `task-${source.name}` : source.name;
      writeSync(fileOf(name), `${line}\n`);
      const error = errorIn(source, line);
      if (error === undefined || lastErrors.get(name) === error) return;
      lastErrors.set(name, error);
      onError(`${name}: ${error}`.slice(0, MAX_ERROR_CHARACTERS));
    },
    close() {
      for (const file of files.values()) closeSync(file);
      files.clear();
    },
  };
}

/** The error that a line tells of: a structured line by its level, another one by its words. */
function errorIn({ kind, name }: LogSource, line: string): string | undefined {
  if (kind === 'stack') return name === 'trouble' ? line : undefined;
  const entry = parseEntry(line);
  if (entry === undefined) return /\b[A-Za-z]*Error: /.test(line) ? line.trim() : undefined;
  const { level, message, error } = entry;
  if (!['ERROR', 'CRITICAL'].includes(String(level))) return undefined;
  const cause = (error as { message?: unknown } | undefined)?.message;
  return [message, cause].filter((part) => part !== undefined).join(': ');
}

function parseEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
