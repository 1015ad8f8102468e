import { expect, it } from 'vitest';
import { parseSchedule } from '../../../local/events/schedule/parse-schedule.ts';

const at = (iso: string) => Date.parse(`${iso}Z`);

it.each([
  ['cron(0 12 * * ? *)', '2026-03-01T12:00:00', '2026-03-02T12:00:00'],
  ['cron(0/15 * * * ? *)', '2026-03-01T12:01:30', '2026-03-01T12:15:00'],
  ['cron(5,50 8-9 * * ? *)', '2026-03-01T09:50:00', '2026-03-02T08:05:00'],
  ['cron(0 18 ? * MON-FRI *)', '2026-03-06T18:00:00', '2026-03-09T18:00:00'],
  ['cron(0 0 1 1/3 ? *)', '2026-02-10T00:00:00', '2026-04-01T00:00:00'],
  ['cron(0 0 29 FEB ? *)', '2026-01-01T00:00:00', '2028-02-29T00:00:00'],
  ['cron(0 0 ? * 1 2027)', '2026-01-01T00:00:00', '2027-01-03T00:00:00'],
  ['rate(1 minute)', '2026-03-01T00:00:00', '2026-03-01T00:01:00'],
  ['rate(90 minutes)', '2026-03-01T01:30:00', '2026-03-01T03:00:00'],
  ['rate(2 days)', '2026-03-02T00:00:00', '2026-03-03T00:00:00'],
])('%s after %s fires at %s', (expression, after, expected) => {
  const nextMs = parseSchedule(expression, at('2026-03-01T00:00:00'))(at(after));
  expect(new Date(nextMs ?? 0).toISOString()).toBe(`${expected}.000Z`);
});

it('has no next instant when its years are over', () => {
  expect(parseSchedule('cron(0 0 1 1 ? 2020)', 0)(at('2026-01-01T00:00:00'))).toBeUndefined();
});

it.each([
  ['rate(1 minutes)', /singular/],
  ['rate(5 minute)', /singular/],
  ['rate(0 minutes)', /positive/],
  ['rate(5 seconds)', /of the forms/],
  ['at(2026-01-01T00:00:00)', /of the forms/],
  ['cron(0 12 * * *)', /six fields/],
  ['cron(0 12 * * * *)', /exactly one of day and weekday/],
  ['cron(60 12 * * ? *)', /"60" is not a minute \(0 to 59/],
  ['cron(0 12 L * ? *)', /"L" is not a day.*not emulated/],
  ['cron(0 12 9-3 * ? *)', /"9-3" is not a day/],
  ['cron(0/0 12 * * ? *)', /"0\/0" is not a minute/],
])('refuses %s', (expression, message) => {
  expect(() => parseSchedule(expression, 0)).toThrow(message);
});
