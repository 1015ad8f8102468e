import type { FleetId, ShardId } from './ids.ts';
import type { Report } from './protocol/report.ts';
import type { RangeOptions, RecordKey, RecordRange, Transition } from './records.ts';

/** The record store: linearizable per record. */
export interface Records {
  /** Strongly consistent. */
  read<T>(key: RecordKey<T>): Promise<T | null>;
  /** Strongly consistent, in order of the sort key; reads on until the range or `limit` ends. */
  query<T>(range: RecordRange<T>, options?: RangeOptions): Promise<readonly T[]>;
  /**
   * Reads, applies the transition, and writes on condition that nothing was written since; on a lost race it
   * starts again. The transition may see its own effect, where the answer to its write was lost.
   */
  change<T, R>(key: RecordKey<T>, transition: Transition<T, R>): Promise<R>;
  /** The same over several records at once, all or nothing. At most 25. */
  changeAll<R>(keys: readonly RecordKey<unknown>[], transition: MultiTransition<R>): Promise<R>;
}

export type MultiTransition<R> = (current: readonly (unknown | null)[]) => MultiChange<R>;
export interface MultiChange<R> {
  /** By position of the key: a record to put, `null` to remove, `undefined` to leave (its revision still holds). */
  readonly writes: readonly (unknown | null | undefined)[];
  readonly result: R;
}

export interface ObjectInfo {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
}

/** `same`: the key was taken by the very same bytes. `taken`: by others. */
export type PutOnceResult = 'stored' | 'same' | 'taken';

/** The object store. Keys are never overwritten but by `put`. */
export interface Objects {
  putOnce(key: string, body: Uint8Array, contentType?: string): Promise<PutOnceResult>;
  /** Null where there is no such object. */
  get(key: string): Promise<Uint8Array | null>;
  /** Bytes from `start` to `end` (exclusive); a negative `start` counts from the end. Null: no such object. */
  getRange(key: string, range: { readonly start: number; readonly end?: number }): Promise<Uint8Array | null>;
  head(key: string): Promise<ObjectInfo | null>;
  /** All objects below the prefix, in order of their keys. */
  list(prefix: string): Promise<readonly ObjectInfo[]>;
  /** Streams an object; null: no such object. `etag`: fails where the object is another by now. */
  stream(key: string, etag?: string): Promise<AsyncIterable<Uint8Array> | null>;
  /** Writes a stream of any length once; the same answer as `putOnce`. */
  putOnceStream(
    key: string,
    body: AsyncIterable<Uint8Array>,
    contentType?: string,
  ): Promise<{
    readonly result: PutOnceResult;
    readonly sizeBytes: number;
    readonly etag: string;
  }>;
  remove(keys: readonly string[]): Promise<void>;
}

/** A dispatch message. */
export interface Hint {
  readonly shard: ShardId;
  readonly dispatchSeq: number;
}

export interface Dispatches {
  send(fleetId: FleetId, hints: readonly Hint[]): Promise<void>;
}
export interface Reports {
  send(report: Report): Promise<void>;
}

/** Executions of the two state machines. */
export interface Executions {
  /** `exists`: an execution of this name was started before; it may be closed. */
  start(machine: Machine, name: string, input: unknown): Promise<'started' | 'exists'>;
  isRunning(machine: Machine, name: string): Promise<boolean>;
  /** Ends an Await or a wait; a token that no one waits for any more is not an error. */
  sendToken(token: string): Promise<void>;
}
export type Machine = 'batch-lifecycle' | 'fleet-scheduler';

export interface Clock {
  nowMs(): number;
}
