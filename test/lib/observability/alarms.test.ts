import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { METRICS_NAMESPACE } from '../../../core/metrics.ts';
import { readConfig } from '../../../lib/config.ts';
import { CONFIG, synthesized } from '../synthesized.ts';
import { AWS_METRICS } from './aws-metrics.ts';
import type { Datum } from './emf.ts';
import { allEmitted, SERVICES } from './emitted.ts';
import { alarmsOf, dashboardsOf, type NamedAlarm, type NamedMetric } from './stack-metrics.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const RUNBOOKS = join(ROOT, 'docs', 'runbooks');

const template = synthesized('dev');
const alarms = alarmsOf(template);
const dashboards = dashboardsOf(template);
const emitted = await allEmitted(readConfig(CONFIG, 'dev').catalogue);

const isOurs = ({ namespace }: NamedMetric): boolean => namespace === METRICS_NAMESPACE;

/** The values that CloudWatch would keep under a metric's name and dimensions, neither more nor fewer. */
function valuesOf(metric: NamedMetric, data: readonly Datum[] = emitted): readonly number[] {
  const keyOf = ({ namespace, name, dimensions }: NamedMetric) =>
    JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
  return data.filter((datum) => keyOf(datum) === keyOf(metric)).map(({ value }) => value);
}

function breaches({ statistic, threshold, operator }: NamedAlarm, values: readonly number[]): boolean {
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
    const values = valuesOf(alarm);
    expect(values, 'nothing is written under this name and these dimensions').not.toEqual([]);
    expect(breaches(alarm, values)).toBe(true);
  });

  it.each(alarms.filter((alarm) => !isOurs(alarm)))('$id, on what AWS measures', (alarm) => {
    expectListed(alarm);
  });

  it('but none does while nothing is measured, as in a stack at rest', () => {
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { TreatMissingData: 'notBreaching' });
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
    const unknown = metrics.filter(
      (each) => isOurs(each) && valuesOf(anyFleet(each), anyEmitted).length === 0,
    );
    expect(unknown).toEqual([]);
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
    expect([...names].sort()).toEqual(['capacity', 'fleet', 'gpuClass', 'service']);
  });
});

describe('runbooks', () => {
  const pageOf = ({ description }: NamedAlarm): string =>
    /docs\/runbooks\/([a-z-]+\.md)$/.exec(description)?.[1] ?? '';

  it.each(alarms)('$id has a page that names it', (alarm) => {
    const page = join(RUNBOOKS, pageOf(alarm));
    expect(existsSync(page), page).toBe(true);
    const name = alarm.id.replace('ObservabilityAlarms', '').replace(/[0-9A-F]{8}$/, '');
    expect(readFileSync(page, 'utf8').replaceAll('-', '')).toContain(`\`${name}\``);
  });
});
