import type { EngineAnswer } from './ports.ts';
import { field, NO_USAGE, type Usage, usageOf } from './usage.ts';

/** What an answer means for its line. */
export type Verdict =
  | { readonly kind: 'completed'; readonly usage: Usage }
  /** The engine refused the Request for good: its answer goes to the error file. */
  | { readonly kind: 'failed'; readonly usage: Usage }
  | { readonly kind: 'retry'; readonly why: string }
  /** The server takes no Requests for now, which says nothing about this one. */
  | { readonly kind: 'busy'; readonly why: string };

/** Others (`abort`, `error`, null) mean that the engine gave up: vLLM answers 200 with `abort` while it stops. */
const FINISHED_REASONS: ReadonlySet<unknown> = new Set([
  'stop',
  'length',
  'tool_calls',
  'content_filter',
  'function_call',
  // vLLM's, where the Request asks for `repetition_detection`.
  'repetition',
]);
const FINISHED_STATUSES: ReadonlySet<unknown> = new Set(['completed', 'incomplete']);
/** 4xx that say nothing against the Request itself: timeout, conflict. */
const PASSING_REFUSALS: ReadonlySet<number> = new Set([408, 409]);
/** Too many Requests, nothing behind a proxy, overloaded: vLLM's own queue limits answer 503. */
const BUSY: ReadonlySet<number> = new Set([429, 502, 503]);
/** What vLLM answers to a Request that asks for something that it cannot do. */
const NOT_IMPLEMENTED = 501;

/** Judges an answer of `endpoint`: only what is certainly finished counts as completed. */
export function verdictOf(endpoint: string, answer: EngineAnswer): Verdict {
  const { statusCode } = answer;
  if (isBusy(answer)) return { kind: 'busy', why: `status ${statusCode}` };
  if (isRefusal(statusCode)) return { kind: 'failed', usage: NO_USAGE };
  if (statusCode !== 200) return { kind: 'retry', why: `status ${statusCode}` };
  const body = parseJson(answer.body);
  if (body === undefined) return { kind: 'retry', why: 'status 200 without JSON' };
  const unfinished = whyUnfinished(endpoint, body);
  return unfinished === null
    ? { kind: 'completed', usage: usageOf(body) }
    : { kind: 'retry', why: unfinished };
}

/** Whether the server refused the Request because of its own state. */
export const isBusy = ({ statusCode }: EngineAnswer): boolean => BUSY.has(statusCode);

const isRefusal = (statusCode: number): boolean =>
  statusCode === NOT_IMPLEMENTED ||
  (statusCode >= 400 && statusCode < 500 && !PASSING_REFUSALS.has(statusCode));

function whyUnfinished(endpoint: string, body: unknown): string | null {
  switch (endpoint) {
    case '/v1/chat/completions':
    case '/v1/completions':
      return whyChoicesUnfinished(field(body, 'choices'));
    case '/v1/responses': {
      const status = field(body, 'status');
      return FINISHED_STATUSES.has(status) ? null : `response status ${status ?? 'absent'}`;
    }
    default:
      return null;
  }
}

function whyChoicesUnfinished(choices: unknown): string | null {
  if (!Array.isArray(choices) || choices.length === 0) return 'no choices';
  const reasons = choices.map((choice) => field(choice, 'finish_reason'));
  const unfinished = reasons.find((reason) => !FINISHED_REASONS.has(reason));
  return reasons.every((reason) => FINISHED_REASONS.has(reason))
    ? null
    : `finish_reason ${unfinished ?? 'absent'}`;
}

/** One for all: to make one costs more than to decode a short answer. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON in `bytes`, or undefined where they are not JSON in UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
