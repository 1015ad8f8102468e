/** The lines of an Attempt that have no result yet. */
export interface LineQueue {
  /** The next line to send; it counts as in flight from here on. */
  take(): number | undefined;
  /** A line in flight that will be sent again later. */
  backOff(index: number): void;
  /** Makes a line the next one to be sent. */
  putBack(index: number): void;
  /** Notes that a line has its result; false where it had one before. */
  finish(index: number): boolean;
  load(): { readonly waiting: number; readonly inFlight: number; readonly unfinished: number };
}

/** A queue in the order of `indexes`. */
export function lineQueue(indexes: readonly number[]): LineQueue {
  const waiting = new Set(indexes);
  const inFlight = new Set<number>();
  const unfinished = new Set(indexes);
  const again: number[] = [];

  function next(): number | undefined {
    const first = again.pop();
    if (first !== undefined) return first;
    for (const index of waiting) return index;
    return undefined;
  }

  return {
    take() {
      let index = next();
      while (index !== undefined && !waiting.has(index)) index = next();
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
    load: () => ({ waiting: waiting.size, inFlight: inFlight.size, unfinished: unfinished.size }),
  };
}
