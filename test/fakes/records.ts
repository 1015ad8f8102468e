import type { MultiTransition, Records } from '../../core/ports.ts';
import type { RangeOptions, RecordKey, RecordRange, Transition } from '../../core/records.ts';
import { frozenCopy } from './frozen.ts';

/** DynamoDB takes this many writes in one transaction here (core/ports.ts). */
const MAX_AT_ONCE = 25;

interface Stored {
  readonly pk: string;
  readonly sk: string;
  readonly record: unknown;
  readonly revision: number;
}

export interface MemoryRecords extends Records {
  /** Every record, by key: for assertions. */
  all(): readonly Stored[];
  /** Writes to this record so far; 0 where there is none. */
  revisionOf(key: RecordKey<unknown>): number;
  /** The record now, without a promise: for assertions. */
  peek<T>(key: RecordKey<T>): T | null;
  /** Puts these in the place of everything. */
  replaceAll(stored: readonly { readonly pk: string; readonly sk: string; readonly record: unknown }[]): void;
}

/** Records in memory: linearizable, each change at once. What it hands out is frozen. */
export function memoryRecords(): MemoryRecords {
  const items = new Map<string, Stored>();
  const nameOf = ({ pk, sk }: RecordKey<unknown>): string => `${pk}\n${sk}`;
  const peek = <T>(key: RecordKey<T>): T | null =>
    (items.get(nameOf(key as RecordKey<unknown>))?.record as T | undefined) ?? null;

  function write(key: RecordKey<unknown>, record: unknown): void {
    const name = nameOf(key);
    if (record === null) items.delete(name);
    else {
      const revision = (items.get(name)?.revision ?? 0) + 1;
      items.set(name, { pk: key.pk, sk: key.sk, record: frozenCopy(record), revision });
    }
  }

  return {
    peek,
    all: () => [...items.values()],
    replaceAll(stored) {
      items.clear();
      for (const { pk, sk, record } of stored) write({ pk, sk }, record);
    },
    revisionOf: (key) => items.get(nameOf(key))?.revision ?? 0,
    read: async <T>(key: RecordKey<T>) => peek(key),
    query: async <T>(range: RecordRange<T>, options: RangeOptions = {}) =>
      inRange([...items.values()], range as RecordRange<unknown>, options).map((item) => item.record as T),
    async change<T, R>(key: RecordKey<T>, transition: Transition<T, R>): Promise<R> {
      const change = transition(peek(key));
      if (change.kind === 'put') write(key as RecordKey<unknown>, change.record);
      if (change.kind === 'remove') write(key as RecordKey<unknown>, null);
      return change.result;
    },
    async changeAll<R>(keys: readonly RecordKey<unknown>[], transition: MultiTransition<R>): Promise<R> {
      if (keys.length > MAX_AT_ONCE)
        throw new Error(`${keys.length} records at once, at most ${MAX_AT_ONCE}.`);
      if (new Set(keys.map(nameOf)).size < keys.length)
        throw new Error('The same record twice in changeAll.');
      const { writes, result } = transition(keys.map(peek));
      for (const [i, key] of keys.entries()) if (writes[i] !== undefined) write(key, writes[i]);
      return result;
    },
  };
}

function inRange(
  items: readonly Stored[],
  range: RecordRange<unknown>,
  { descending = false, afterSk, limit = Number.POSITIVE_INFINITY }: RangeOptions,
): readonly Stored[] {
  const sign = descending ? -1 : 1;
  const order = (a: string, b: string): number => (a === b ? 0 : a < b ? -sign : sign);
  return items
    .filter(({ pk, sk }) => pk === range.pk && sk.startsWith(range.skPrefix))
    .filter(({ sk }) => afterSk === undefined || order(afterSk, sk) < 0)
    .sort((a, b) => order(a.sk, b.sk))
    .slice(0, limit);
}
