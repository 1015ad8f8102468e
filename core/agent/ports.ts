import type { Hint } from '../ports.ts';

/** A received hint; `done` deletes it, once it is claimed or refused. */
export interface ReceivedHint {
  readonly hint: Hint;
  /** Deletes it, once it is claimed or refused. */
  done(): Promise<void>;
  /** Lets another Task have it at once. */
  giveBack(): Promise<void>;
}

/** The agent's side of its Fleet's dispatch queue. */
export interface Hints {
  /** Waits up to `waitSeconds` for a hint; an abort ends the wait with an error. */
  receive(waitSeconds: number, signal?: AbortSignal): Promise<readonly ReceivedHint[]>;
}

/** What an engine answered; the body is not parsed. */
export interface EngineAnswer {
  readonly statusCode: number;
  readonly body: Uint8Array;
  /** From the answer's `Retry-After` header, where it has one. */
  readonly retryAfterMs?: number;
}

/** Requests to one running engine. */
export interface EngineClient {
  /** `path` begins with `/v1/`. Fails where no whole answer came (reset, refused, aborted). */
  send(path: string, body: Uint8Array, signal: AbortSignal): Promise<EngineAnswer>;
  /** False where nothing answers at all, or the engine says that it is dead. */
  isHealthy(): Promise<boolean>;
  /** The text of the engine's `/metrics`; null where it has none. Fails where it does not answer soon. */
  metrics(): Promise<string | null>;
  /**
   * The names at `/v1/models`; null where the engine has no such list. Fails where it does not answer soon, is busy or
   * broken now, or `signal` aborts.
   */
  models(signal: AbortSignal): Promise<readonly string[] | null>;
  close(): Promise<void>;
}

/** Time as the agent needs it. */
export interface AgentTime {
  /** Wall clock, for what others compare with theirs. */
  nowMs(): number;
  /** Never set back: for what the agent promised itself. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** How late this process comes to its work. */
export interface EventLoopDelay {
  /** The 99th percentile since it was last asked. */
  takeP99Ms(): number;
}
