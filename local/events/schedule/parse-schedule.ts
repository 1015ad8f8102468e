import { nextCronMs, parseCron } from './cron.ts';

/** Gives the first instant after another at which a schedule fires; undefined where none is left. */
export type Schedule = (afterMs: number) => number | undefined;

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Reads `rate(5 minutes)` or `cron(0 12 * * ? *)`, in UTC. A rate counts from when the schedule was made. */
export function parseSchedule(expression: string, madeAtMs: number): Schedule {
  const rate = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate !== null) return parseRate(expression, rate, madeAtMs);
  const cron = /^cron\((.*)\)$/.exec(expression)?.[1];
  if (cron !== undefined) {
    const parsed = parseCron(cron);
    return (afterMs) => nextCronMs(parsed, afterMs);
  }
  throw new Error(
    `${expression}: the local stack has schedules of the forms rate(5 minutes) and cron(0 12 * * ? *).`,
  );
}

function parseRate(
  expression: string,
  [, count, unit = '', plural]: RegExpExecArray,
  madeAtMs: number,
): Schedule {
  const value = Number(count);
  // EventBridge refuses "1 minutes" and "5 minute".
  if (value < 1 || (value === 1) !== (plural === '')) {
    throw new Error(`${expression}: a positive number, and the unit in the singular for 1 alone.`);
  }
  const everyMs = value * (UNIT_MS[unit] ?? 0);
  return (afterMs) => madeAtMs + (Math.floor((afterMs - madeAtMs) / everyMs) + 1) * everyMs;
}
