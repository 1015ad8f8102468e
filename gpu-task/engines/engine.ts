import type { EngineStart } from '../../core/agent/cold-start.ts';

/** Where a running engine listens. */
export interface EngineAddress {
  /** `http://host:port`; behind a unix socket only a name. */
  readonly origin: string;
  /** What stands for `/v1` in this engine's paths. */
  readonly basePath: string;
  readonly socketPath?: string;
  readonly apiKey?: string;
}

/** An engine that is ready for Requests. */
export interface RunningEngine {
  readonly address: EngineAddress;
  /** Counts the starts within this Task, from 1. */
  readonly engineStart: number;
  /** What it calls the Fleet's model. @default - as the Fleet does */
  readonly servedModel?: string;
  /** How its start went. @default - not known of this kind */
  readonly coldStart?: EngineStart;
  /** Resolves when the engine has ended, by itself or not. Of an engine that is not ours: never. */
  readonly exited: Promise<void>;
  /** Lets the engine end, killing it after a few seconds. */
  stop(): Promise<void>;
  kill(): void;
}

/** One kind of engine. Only one of its engines runs at a time. */
export interface Engine {
  /** Starts the engine and resolves once it is ready; fails where it ends or is not ready in time. */
  start(signal?: AbortSignal): Promise<RunningEngine>;
}
