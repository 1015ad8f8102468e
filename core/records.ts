/**
 * What a transition makes of a record: `put` it, `remove` it, or `keep` it as it is. A transition may be applied
 * again to the record that it wrote itself (the answer to a write can be lost), and must then answer the same.
 */
export type Change<T, R> =
  | { readonly kind: 'put'; readonly record: T; readonly result: R }
  | { readonly kind: 'remove'; readonly result: R }
  | { readonly kind: 'keep'; readonly result: R };

export type Transition<T, R> = (current: T | null) => Change<T, R>;

export const put = <T, R>(record: T, result: R): Change<T, R> => ({ kind: 'put', record, result });
export const keep = <R>(result: R): Change<never, R> => ({ kind: 'keep', result });
export const remove = <R>(result: R): Change<never, R> => ({ kind: 'remove', result });

/** Where a record of type T lies. `T` is carried by the type alone. */
export interface RecordKey<T> {
  readonly pk: string;
  readonly sk: string;
  readonly of?: (record: T) => T;
}

/** A range of sort keys under one partition key. */
export interface RecordRange<T> {
  readonly pk: string;
  readonly skPrefix: string;
  readonly of?: (record: T) => T;
}

export interface RangeOptions {
  readonly descending?: boolean;
  /** Exclusive: the range goes on behind this sort key. */
  readonly afterSk?: string;
  readonly limit?: number;
  /** For what is only shown: at half the price, and perhaps a second old. @default false */
  readonly mayLag?: boolean;
}
