import type { LineResult } from '../wire/result-line.ts';
import { errorBody } from './error-body.ts';
import type { EngineAnswer } from './ports.ts';
import { NO_USAGE, type Usage } from './usage.ts';
import { verdictOf } from './verdict.ts';

/** What came of sending a line once. */
export type SendOutcome =
  | { readonly kind: 'answered'; readonly answer: EngineAnswer }
  /** `reason`: for the log. */
  | { readonly kind: 'unanswered'; readonly why: 'timeout' | 'connection'; readonly reason: string };

export type LineDecision =
  | {
      readonly kind: 'finish';
      readonly outcome: 'completed' | 'failed';
      readonly result: LineResult;
      readonly usage: Usage;
    }
  | { readonly kind: 'retry'; readonly why: string; readonly retryAfterMs: number }
  /** The server is busy: that spends no try. */
  | { readonly kind: 'wait'; readonly why: string; readonly retryAfterMs: number };

export interface LineFacts {
  readonly endpoint: string;
  /** This one included, without those that met a busy server. */
  readonly tries: number;
  readonly maxTries: number;
  /** Since the line first met a busy server or that last took another, if nothing else came of it since; else 0. */
  readonly busyForMs: number;
  readonly maxBusyMs: number;
}

/**
 * Whether the engine may be dead: a vLLM whose EngineCore has died answers 500 to all that it has and gets, before its
 * connections break.
 */
export const mayMeanDeath = (outcome: SendOutcome): boolean =>
  outcome.kind === 'unanswered' || outcome.answer.statusCode >= 500;

/** Decides about a line after it was sent. */
export function decideLine(
  outcome: SendOutcome,
  { endpoint, tries, maxTries, busyForMs, maxBusyMs }: LineFacts,
): LineDecision {
  if (outcome.kind === 'unanswered') {
    if (tries < maxTries) return { kind: 'retry', why: outcome.why, retryAfterMs: 0 };
    return failed(UNANSWERED[outcome.why](tries));
  }
  const { answer } = outcome;
  const verdict = verdictOf(endpoint, answer);
  switch (verdict.kind) {
    case 'completed':
      return {
        kind: 'finish',
        outcome: 'completed',
        result: { kind: 'answered', statusCode: 200, body: answer.body },
        usage: verdict.usage,
      };
    case 'failed':
      return failed(answeredError(answer));
    case 'retry':
      if (tries < maxTries)
        return { kind: 'retry', why: verdict.why, retryAfterMs: answer.retryAfterMs ?? 0 };
      return failed(answer.statusCode === 200 ? unfinished(verdict.why, tries) : answeredError(answer));
    case 'busy':
      return busyForMs < maxBusyMs
        ? { kind: 'wait', why: verdict.why, retryAfterMs: answer.retryAfterMs ?? 0 }
        : failed(answeredError(answer));
    default:
      return verdict satisfies never;
  }
}

/** The line that killed its engine too often. */
export const POISONED: LineResult = {
  kind: 'unanswered',
  code: 'engine_crashed',
  message: 'The engine crashed repeatedly while it ran this request alone. It is not tried again.',
};

/** A line of a model whose adapter the engine cannot load. */
export const adapterUnavailable = (model: string, why: string): LineResult => ({
  kind: 'unanswered',
  code: 'adapter_unavailable',
  message: `The adapter of the model '${model}' could not be loaded: ${why.replace(/\.$/, '')}.`,
});

const UNANSWERED = {
  timeout: (tries: number): LineResult => ({
    kind: 'unanswered',
    code: 'request_timeout',
    message: `The engine did not answer in time, ${tries} times. Ask for fewer tokens.`,
  }),
  connection: (tries: number): LineResult => ({
    kind: 'unanswered',
    code: 'engine_unavailable',
    message: `The connection to the engine broke, ${tries} times.`,
  }),
} as const;

const unfinished = (why: string, tries: number): LineResult => ({
  kind: 'unanswered',
  code: 'engine_gave_up',
  message: `The engine did not finish this request, ${tries} times (${why}).`,
});

const answeredError = ({ statusCode, body }: EngineAnswer): LineResult => ({
  kind: 'answered',
  statusCode,
  body: errorBody(body),
});

const failed = (result: LineResult): LineDecision => ({
  kind: 'finish',
  outcome: 'failed',
  result,
  usage: NO_USAGE,
});
