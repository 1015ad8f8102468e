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

type LineState = 'waiting' | 'in flight' | 'backing off' | 'finished';

/** A queue in the order of `indexes`. */
export function lineQueue(indexes: readonly number[]): LineQueue {
  const last = indexes.reduce((most, index) => Math.max(most, index), -1);
  const states = Array.from({ length: last + 1 }, (): LineState => 'finished');
  const counts: Record<LineState, number> = {
    waiting: 0,
    'in flight': 0,
    'backing off': 0,
    finished: states.length,
  };
  const again: number[] = [];
  let next = 0;

  function move(index: number, to: LineState): void {
    counts[states[index] ?? 'finished']--;
    counts[to]++;
    states[index] = to;
  }
  for (const index of indexes) move(index, 'waiting');
  const isOpen = (index: number): boolean => states[index] !== 'finished';
  const candidate = (): number | undefined => again.shift() ?? indexes[next++];

  return {
    take() {
      let index = candidate();
      while (index !== undefined && states[index] !== 'waiting') index = candidate();
      if (index !== undefined) move(index, 'in flight');
      return index;
    },
    backOff(index) {
      if (isOpen(index)) move(index, 'backing off');
    },
    putBack(index) {
      if (!isOpen(index)) return;
      move(index, 'waiting');
      again.push(index);
    },
    finish(index) {
      if (!isOpen(index)) return false;
      move(index, 'finished');
      return true;
    },
    open: () => indexes.filter(isOpen),
    waiting: () => counts.waiting,
    inFlight: () => counts['in flight'],
    unfinished: () => states.length - counts.finished,
  };
}
