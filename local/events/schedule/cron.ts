/** The minutes that a cron expression names, in UTC. */
export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 1 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
}

interface Field {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly names?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const LAST_YEAR = 2199;
const DAY_MS = 86_400_000;

/** Reads the six fields of EventBridge's cron: minute, hour, day, month, weekday, year. Throws, naming one. */
export function parseCron(fields: string): Cron {
  const parts = fields.trim().split(/\s+/);
  if (parts.length !== 6) {
    throw new Error(`cron(${fields}): takes six fields (minute hour day month weekday year).`);
  }
  const [minute = '', hour = '', day = '', month = '', weekday = '', year = ''] = parts;
  if ((day === '?') === (weekday === '?')) {
    throw new Error(`cron(${fields}): exactly one of day and weekday must be "?".`);
  }
  return {
    minutes: parseField(minute, { name: 'minute', first: 0, last: 59 }),
    hours: parseField(hour, { name: 'hour', first: 0, last: 23 }),
    days: parseField(day.replace('?', '*'), { name: 'day', first: 1, last: 31 }),
    months: parseField(month, { name: 'month', first: 1, last: 12, names: MONTHS }),
    weekdays: parseField(weekday.replace('?', '*'), { name: 'weekday', first: 1, last: 7, names: WEEKDAYS }),
    years: parseField(year, { name: 'year', first: 1970, last: LAST_YEAR }),
  };
}

/** The first minute of the expression after an instant; undefined where none is left. */
export function nextCronMs(cron: Cron, afterMs: number): number | undefined {
  let dayMs = Math.floor(afterMs / DAY_MS) * DAY_MS;
  const endMs = Date.UTC(LAST_YEAR + 1, 0, 1);
  for (; dayMs < endMs; dayMs += DAY_MS) {
    if (!hasDay(cron, new Date(dayMs))) continue;
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      const atMs = dayMs + minute * 60_000;
      if (atMs <= afterMs) continue;
      if (cron.hours.has(Math.floor(minute / 60)) && cron.minutes.has(minute % 60)) return atMs;
    }
  }
  return undefined;
}

function hasDay(cron: Cron, day: Date): boolean {
  return (
    cron.years.has(day.getUTCFullYear()) &&
    cron.months.has(day.getUTCMonth() + 1) &&
    cron.days.has(day.getUTCDate()) &&
    cron.weekdays.has(day.getUTCDay() + 1)
  );
}

function parseField(text: string, field: Field): ReadonlySet<number> {
  return new Set(text.split(',').flatMap((part) => parsePart(part, field)));
}

function parsePart(part: string, field: Field): number[] {
  const [range = '', step] = part.split('/');
  const [from = '', to] = range === '*' ? [String(field.first), String(field.last)] : range.split('-');
  const first = numberOf(from, field);
  const last = to === undefined ? (step === undefined ? first : field.last) : numberOf(to, field);
  const width = step === undefined ? 1 : Number(step);
  if (!Number.isInteger(width) || width < 1 || first > last) {
    throw new Error(`cron: "${part}" is not a ${field.name}.`);
  }
  const numbers: number[] = [];
  for (let number = first; number <= last; number += width) numbers.push(number);
  return numbers;
}

function numberOf(text: string, { name, names, first, last }: Field): number {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  const number = named >= 0 ? named + 1 : Number(text);
  if (text !== '' && Number.isInteger(number) && number >= first && number <= last) return number;
  throw new Error(
    `cron: "${text}" is not a ${name} (${first} to ${last}; "L", "W" and "#" are not emulated by the local stack).`,
  );
}
