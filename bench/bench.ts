/** One measured quantity; `ratio` is value over baseline, both from the same run. */
export interface Figure {
  readonly value: number;
  readonly unit: string;
  readonly baseline?: number;
  readonly ratio?: number;
}

export interface Bench {
  readonly name: string;
  /** One sentence: what is measured, and against what. */
  readonly about: string;
  /** `args` is what follows the name. */
  run(args: readonly string[]): Promise<Readonly<Record<string, Figure>>>;
}

export interface Contest {
  /** Of what is counted, in one round. */
  readonly count: number;
  readonly unit: string;
  readonly subject: () => unknown;
  readonly baseline: () => unknown;
}

/** The first rounds compile; seven more make the median bear three that were disturbed. */
const WARM_UP_ROUNDS = 2;
const ROUNDS = 7;

/** Rates a second of two ways to do the same, by turns, so that a busy machine slows both: the medians. */
export async function compare({ count, unit, subject, baseline }: Contest): Promise<Figure> {
  const subjectMs: number[] = [];
  const baselineMs: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const took = [await timeMs(subject), await timeMs(baseline)] as const;
    if (round < WARM_UP_ROUNDS) continue;
    subjectMs.push(took[0]);
    baselineMs.push(took[1]);
  }
  const value = Math.round((count / median(subjectMs)) * 1000);
  const base = Math.round((count / median(baselineMs)) * 1000);
  return withBaseline(value, base, unit);
}

export function withBaseline(value: number, baseline: number, unit: string): Figure {
  return { value, unit, baseline, ratio: Number((value / baseline).toPrecision(3)) };
}

async function timeMs(work: () => unknown): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
