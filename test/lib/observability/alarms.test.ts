import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../core/metrics.ts';
import { readConfig } from '../../../lib/config.ts';
import { slacklineMetric } from '../../../lib/slackline-metric.ts';
import { CONFIG, synthesized } from '../synthesized.ts';
import { AWS_METRICS } from './aws-metrics.ts';
import { type Datum, NAMESPACE } from './emf.ts';
import { allEmitted, SERVICES } from './emitted.ts';
import { alarmsOf, dashboardsOf, type NamedAlarm, type NamedMetric } from './stack-metrics.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const RUNBOOKS = join(ROOT, 'docs', 'runbooks');

/** One that is gone, or new, is meant so. */
const ALARMS = [
  ...['CleanUpFailing', 'DeadLettersReports', 'DeadLettersSignals', 'FailedLifecycle', 'FailedScheduler'],
  ...['GpuErrors', 'GpuMemory', 'GpuTemperature', 'Interruptions', 'KeeperFailing', 'LaunchFailures'],
  ...['LoopStale', 'OnDemandSpend', 'PredictedLate', 'QueueAgeReports', 'QueueAgeSignals', 'ServerErrors'],
  ...['SlackBelowZero', 'SweepFailing', 'SweepMissing', 'UnreadableSegments'],
];

const template = synthesized('dev');
const alarms = alarmsOf(template);
const dashboards = dashboardsOf(template);
const emitted = await allEmitted(readConfig(CONFIG, 'dev').catalogue);

const isOurs = ({ namespace }: NamedMetric): boolean => namespace === NAMESPACE;

/** What CloudWatch would keep under a metric's name and dimensions, neither more nor less. */
function dataOf(metric: NamedMetric, data: readonly Datum[] = emitted): readonly Datum[] {
  const keyOf = ({ namespace, name, dimensions }: NamedMetric) =>
    JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
  return data.filter((datum) => keyOf(datum) === keyOf(metric));
}

/** Whether the values of as many periods in a row as the alarm asks for are beyond its threshold. */
function breaches(alarm: NamedAlarm, data: readonly Pick<Datum, 'value' | 'atMs'>[]): boolean {
  const byPeriod = Map.groupBy(data, ({ atMs }) => Math.floor(atMs / (alarm.periodSeconds * 1000)));
  const beyond = new Set(
    [...byPeriod]
      .filter(([, of]) =>
        isBeyond(
          alarm,
          of.map(({ value }) => value),
        ),
      )
      .map(([period]) => period),
  );
  const row = Array.from({ length: alarm.periods }, (_, i) => i);
  return [...beyond].some((first) => row.every((i) => beyond.has(first + i)));
}

function isBeyond({ statistic, threshold, operator }: NamedAlarm, values: readonly number[]): boolean {
  const sum = values.reduce((total, value) => total + value, 0);
  const statistics: Readonly<Record<string, number>> = {
    Sum: sum,
    Minimum: Math.min(...values),
    Maximum: Math.max(...values),
  };
  const value = statistics[statistic] ?? Number.NaN;
  return operator === 'LessThanThreshold' ? value < threshold : value > threshold;
}

/** In AWS's own list, and of a resource of the stack. */
function expectListed(metric: NamedMetric): void {
  const { names, dimensions, resource } = AWS_METRICS[metric.namespace] ?? {};
  expect(names, metric.namespace).toContain(metric.name);
  expect(Object.keys(metric.dimensions)).toEqual(dimensions);
  const resources = template.findResources(resource?.type ?? '');
  const values = Object.entries(resources).map(([id, { Properties }]) => {
    if (resource?.property !== undefined) return Properties[resource.property];
    return resource?.attribute === undefined ? `<${id}>` : `<${id}.${resource.attribute}>`;
  });
  expect(values).toContain(Object.values(metric.dimensions)[0]);
}

describe('every alarm can fire:', () => {
  it.each(alarms.filter(isOurs))('$id, on what our code writes in trouble', (alarm) => {
    const data = dataOf(alarm);
    expect(data, 'nothing is written under this name and these dimensions').not.toEqual([]);
    expect(breaches(alarm, data)).toBe(true);
  });

  it.each(alarms.filter((alarm) => !isOurs(alarm)))('$id, on what AWS measures', (alarm) => {
    expectListed(alarm);
  });

  const onSilence = ({ missing }: NamedAlarm): boolean => missing !== 'notBreaching';

  it('but none does while nothing is measured, as in a stack at rest, except for the sweeper, which never rests', () => {
    const metrics = alarms
      .filter(onSilence)
      .map(({ name, dimensions, missing }) => [name, dimensions, missing]);
    const [sweeper] = Object.keys(template.findResources('AWS::Lambda::Function')).filter((id) =>
      /sweeper/i.test(id),
    );
    expect(metrics).toEqual([['Invocations', { FunctionName: `<${sweeper}>` }, 'breaching']]);
  });

  it.each([
    [5, 900],
    [10, 1800],
  ])('and that one, with a sweep each %i minutes, after %i s without any', (sweepEveryMinutes, seconds) => {
    const [alarm] = alarmsOf(synthesized('dev', { sweepEveryMinutes })).filter(onSilence);
    expect(alarm).toMatchObject({ periodSeconds: seconds, statistic: 'Sum' });
    if (alarm === undefined) throw new Error('There is no such alarm.');
    expect(breaches(alarm, [{ value: 0, atMs: 0 }])).toBe(true);
    expect(breaches(alarm, [{ value: 1, atMs: 0 }])).toBe(false);
  });
});

describe('every metric of a dashboard', () => {
  /** What a Fleet or a GPU class is called is of no matter here. */
  const anyFleet = <M extends NamedMetric>(metric: M): M => ({
    ...metric,
    dimensions: { ...metric.dimensions, ...('fleet' in metric.dimensions ? { fleet: '*' } : {}) },
  });
  const anyEmitted = emitted.map(anyFleet);
  const metrics = dashboards.flat();

  it('is written by our code, or by AWS', () => {
    expect(metrics.length).toBeGreaterThan(40);
    for (const metric of metrics.filter((each) => !isOurs(each))) expectListed(metric);
    const unknown = metrics.filter((each) => isOurs(each) && dataOf(anyFleet(each), anyEmitted).length === 0);
    expect(unknown).toEqual([]);
  });

  it('is one that CloudWatch keeps, or the stack is not made', () => {
    const stack = new Stack();
    const of = { service: 'gpu-task', dimensions: { fleet: 'chat' } };
    expect(() => slacklineMetric(stack, 'KvCacheUsage', of)).toThrow(/no KvCacheUsage by fleet.*keptBy/);
    expect(() => slacklineMetric(stack, 'TokensIn', { service: 'gpu-task' })).toThrow(
      /TokensIn by no dimension/,
    );
    expect(slacklineMetric(stack, 'TokensIn', of).dimensions).toEqual({ service: 'gpu-task', fleet: 'chat' });
  });

  it('is one of fifty at most, so that the dashboard is free', () => {
    expect(dashboards).toHaveLength(2);
    for (const dashboard of dashboards) expect(dashboard.length).toBeLessThanOrEqual(50);
  });
});

describe('what is measured', () => {
  it('is written under the name of the function that writes it', () => {
    const folders = readdirSync(join(ROOT, 'lambdas'), { withFileTypes: true }).filter((it) =>
      it.isDirectory(),
    );
    const files = folders.map(({ name }) => [name, join(ROOT, 'lambdas', name, 'index.ts')] as const);
    const written = [...files, ['gpu-task', join(ROOT, 'gpu-task', 'main.ts')] as const].flatMap(
      ([name, file]) => {
        const [, service] = /emfMetrics\('([^']+)'/.exec(readFileSync(file, 'utf8')) ?? [];
        expect([name, undefined]).toContain(service);
        return service ?? [];
      },
    );
    expect(written.sort()).toEqual(Object.keys(SERVICES).sort());
  });

  it('has dimensions that are bounded by what is deployed', () => {
    const names = new Set(emitted.flatMap(({ dimensions }) => Object.keys(dimensions)));
    expect([...names].sort()).toEqual(['capacity', 'fleet', 'service']);
  });

  it('is kept by CloudWatch, at $0.30 a month, only where somebody looks at it', () => {
    const looked = [...alarms, ...dashboards.flat()].filter(isOurs);
    const namesIn = ({ dimensions }: NamedMetric) => Object.keys(dimensions).sort().join(' ');
    const keyOf = (metric: NamedMetric) =>
      `${metric.name} of ${metric.dimensions['service']} by ${namesIn(metric)}`;
    const keys = new Set(looked.map(keyOf));
    expect(emitted.map(keyOf).filter((key) => !keys.has(key))).toEqual([]);

    const kept = Object.entries(METRICS).flatMap(([name, { keptBy }]) =>
      keptBy.map((set) => `${name} by ${[...set, 'service'].sort().join(' ')}`),
    );
    const lookedAt = new Set(looked.map((metric) => `${metric.name} by ${namesIn(metric)}`));
    // For who wants to know in a year what a new image did to it.
    expect(kept.filter((each) => !lookedAt.has(each))).toEqual(['ColdStart by fleet service']);
  });
});

describe('runbooks', () => {
  const pageOf = ({ description }: NamedAlarm): string =>
    /docs\/runbooks\/([a-z-]+\.md)$/.exec(description)?.[1] ?? '';
  const nameOf = ({ id }: NamedAlarm): string =>
    id.replace('ObservabilityAlarms', '').replace(/[0-9A-F]{8}$/, '');

  it.each(alarms)('$id has a page that names it', (alarm) => {
    const page = join(RUNBOOKS, pageOf(alarm));
    expect(existsSync(page), page).toBe(true);
    expect(readFileSync(page, 'utf8').replaceAll('-', '')).toContain(`\`${nameOf(alarm)}\``);
  });

  it('are there for these alarms, for the budget’s mails and for a restore, and for nothing else', () => {
    expect(alarms.map(nameOf).toSorted()).toEqual(ALARMS);
    const pages = new Set([...alarms.map(pageOf), 'budget.md', 'restore.md']);
    expect(readdirSync(RUNBOOKS).toSorted()).toEqual([...pages].toSorted());
  });
});
