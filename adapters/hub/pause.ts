import { backOffMs } from '../../core/agent/back-off.ts';
import { HubBusy, type HubOptions, HubRefused } from './hub-request.ts';

/** Tries without progress: with the waits between them about half a minute. */
const TRIES = 8;

export interface FailedTry {
  readonly error: unknown;
  /** From 1. */
  readonly tries: number;
  readonly signal: AbortSignal;
}

/** Waits before the next try, or throws the error where another would not help. */
export async function pause(options: HubOptions, { error, tries, signal }: FailedTry): Promise<void> {
  if (signal.aborted || error instanceof HubRefused || tries >= TRIES) throw error;
  const wishedMs = error instanceof HubBusy ? error.retryAfterMs : 0;
  await options.wait(backOffMs(tries, Math.random(), wishedMs), signal);
}
