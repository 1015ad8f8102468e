import type { LogSource } from './stack/log-source.ts';

/** What an operator should know of. */
export interface Trouble {
  readonly about: string;
  readonly text: string;
}

/** The agent's last words, at the level of a warning: its Fleet goes on in another Task. */
const AGENT_FAILED = 'The agent ends with a failure.';
/** By this error an authorizer has API Gateway answer 401: the caller's trouble alone. */
const REFUSED_CALLER = 'Error: Error: Unauthorized';

/** The trouble that a line of log tells of: a structured line by its level, another one by its words. */
export function troubleIn(source: LogSource, line: string): Trouble | undefined {
  const { kind, name } = source;
  if (kind === 'stack') return name === 'trouble' ? { about: name, text: line } : undefined;
  const about = logName(source);
  const entry = parseEntry(line);
  if (entry !== undefined) return troubleOf(entry, about);
  const text = line.trim();
  return /\b[A-Za-z]*Error: /.test(text) && text !== REFUSED_CALLER ? { about, text } : undefined;
}

/** What a source's log is called. */
export const logName = ({ kind, name }: LogSource): string => (kind === 'task' ? `task-${name}` : name);

function troubleOf(entry: Readonly<Record<string, unknown>>, about: string): Trouble | undefined {
  const { level, message, error, fleetId, reason } = entry;
  if (message === AGENT_FAILED) return { about: String(fleetId), text: `a Task failed: ${reason}` };
  if (!['ERROR', 'CRITICAL'].includes(String(level))) return undefined;
  const cause = (error as { message?: unknown } | undefined)?.message;
  return { about, text: [message, cause].filter((part) => part !== undefined).join(': ') };
}

function parseEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
