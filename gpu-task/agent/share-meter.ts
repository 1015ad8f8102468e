/** The part of the Task's time that one Attempt has taken. */
export interface Share {
  spentMs(): number;
  /** From here on it takes none. */
  end(): void;
}

/** Splits the time of a Task evenly among the Attempts that are open, so that the shares add up to the time. */
export function shareMeter(nowMs: () => number): { open(): Share } {
  const spent = new Map<symbol, number>();
  let countedMs = nowMs();

  function count(): void {
    const passedMs = nowMs() - countedMs;
    countedMs += passedMs;
    for (const [share, ms] of spent) spent.set(share, ms + passedMs / spent.size);
  }

  return {
    open() {
      count();
      const share = Symbol('share');
      spent.set(share, 0);
      let endedMs: number | null = null;
      return {
        spentMs() {
          if (endedMs !== null) return endedMs;
          count();
          return spent.get(share) ?? 0;
        },
        end() {
          endedMs ??= this.spentMs();
          spent.delete(share);
        },
      };
    },
  };
}
