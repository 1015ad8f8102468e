/** What the agent counts; the names are those of the metrics. */
const COUNTERS = [
  'TokensIn',
  'TokensOut',
  'RequestsFinished',
  'RequestsRetried',
  'SegmentsStored',
  'EngineDeaths',
  'GpuErrors',
  'InterruptionNotices',
] as const;
export type Counter = (typeof COUNTERS)[number];

export interface Tally {
  add(counter: Counter, by?: number): void;
  /** All counters since this was last called, those that stand at 0 among them. */
  take(): Readonly<Record<Counter, number>>;
}

export function openTally(): Tally {
  const counted = new Map<Counter, number>();
  return {
    add(counter, by = 1) {
      counted.set(counter, (counted.get(counter) ?? 0) + by);
    },
    take() {
      const taken = COUNTERS.map((counter) => [counter, counted.get(counter) ?? 0]);
      counted.clear();
      return Object.fromEntries(taken) as Record<Counter, number>;
    },
  };
}
