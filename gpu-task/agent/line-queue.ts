/** The lines of an Attempt that have no result yet. */
export interface LineQueue {
  /** The next line to send; it counts as in flight from here on. */
  take(): number | undefined;
  /** A line in flight that will be sent again later. */
  backOff(index: number): void;
  /** Puts a line before those that were not sent yet, behind those that came back before it. */
  putBack(index: number): void;
  /** Notes that a line has its result; false where it had one before. */
  finish(index: number): boolean;
  /** The lines without a result, in no order. */
  open(): readonly number[];
  waiting(): number;
  inFlight(): number;
  /** Waiting, in flight and backing off. */
  unfinished(): number;
}

/** A queue in the order of `indexes`. */
export function lineQueue(indexes: readonly number[]): LineQueue {
  const waiting = new Set(indexes);
  const inFlight = new Set<number>();
  const unfinished = new Set(indexes);
  const again: number[] = [];
  // The first of a Set from which much was deleted is slow to find.
  let next = 0;

  function candidate(): number | undefined {
    return again.shift() ?? indexes[next++];
  }

  return {
    take() {
      let index = candidate();
      while (index !== undefined && !waiting.has(index)) index = candidate();
      if (index === undefined) return undefined;
      waiting.delete(index);
      inFlight.add(index);
      return index;
    },
    backOff: (index) => void inFlight.delete(index),
    putBack(index) {
      if (!unfinished.has(index)) return;
      inFlight.delete(index);
      waiting.add(index);
      again.push(index);
    },
    finish(index) {
      inFlight.delete(index);
      waiting.delete(index);
      return unfinished.delete(index);
    },
    open: () => [...unfinished],
    waiting: () => waiting.size,
    inFlight: () => inFlight.size,
    unfinished: () => unfinished.size,
  };
}
