import { createHash } from 'node:crypto';

export type Json = Readonly<Record<string, unknown>>;

/** An answer before it is rendered: how much work it is, and the body for a finish reason. */
export interface PlannedAnswer {
  readonly inputTokens: number;
  /** Of the longest of several texts that have a context each. @default - all of the input is one */
  readonly longestTokens?: number;
  readonly outputTokens: number;
  readonly finish: string;
  readonly body: (finish: string | null) => Json;
}

/** A fixed instant: answers follow from the Request alone. */
export const CREATED_AT = 1_790_000_000;

/** All text in a prompt of whatever shape: messages, parts, lists, plain strings. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return value === undefined ? '' : String(value);
  if (Array.isArray(value)) return value.map(textOf).join('\n');
  const part = value as Json;
  return textOf(part['content'] ?? part['text'] ?? '');
}

export const idOf = (kind: string, request: Json): string =>
  `${kind}-${createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 24)}`;
