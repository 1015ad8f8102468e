import { expect, it } from 'vitest';
import { emfMetrics } from '../../../adapters/observability/emf-metrics.ts';
import type { MetricDimensions, MetricValues } from '../../../core/metrics.ts';

interface Line {
  readonly _aws?: { readonly Timestamp: number; readonly CloudWatchMetrics: readonly object[] };
  readonly [field: string]: unknown;
}

const Namespace = 'Slackline/Mine';

/** The one line that is written. */
function lineOf(values: MetricValues, dimensions?: MetricDimensions): string {
  const lines: string[] = [];
  const env = { VERSION: '1.2.3+abc', METRICS_NAMESPACE: Namespace };
  emfMetrics('gpu-task', env, (line) => void lines.push(line)).emit(values, dimensions);
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
}

const parsed = (values: MetricValues, dimensions?: MetricDimensions): Line =>
  JSON.parse(lineOf(values, dimensions));

it('writes one line in the embedded metric format, with dimensions and version as fields', () => {
  const line = parsed({ TokensIn: 3 }, { fleet: 'chat', capacity: 'spot' });
  expect(line).toEqual({
    _aws: {
      Timestamp: expect.any(Number),
      CloudWatchMetrics: [
        {
          Namespace,
          Dimensions: [['service', 'fleet']],
          Metrics: [{ Name: 'TokensIn', Unit: 'Count' }],
        },
      ],
    },
    service: 'gpu-task',
    fleet: 'chat',
    capacity: 'spot',
    version: '1.2.3+abc',
    TokensIn: 3,
  });
});

it('has a directive for each choice of dimension sets, and no metric in two of them', () => {
  const values = { TokensIn: 1, GpuErrors: 0, TokensOut: 2, EstimatedUsd: 0.5, GpuUtilization: 97 };
  expect(parsed(values, { fleet: 'chat', capacity: 'spot' })._aws?.CloudWatchMetrics).toEqual([
    {
      Namespace,
      Dimensions: [['service', 'fleet']],
      Metrics: [
        { Name: 'TokensIn', Unit: 'Count' },
        { Name: 'TokensOut', Unit: 'Count' },
      ],
    },
    { Namespace, Dimensions: [['service']], Metrics: [{ Name: 'GpuErrors', Unit: 'Count' }] },
    {
      Namespace,
      Dimensions: [
        ['service', 'fleet'],
        ['service', 'capacity'],
      ],
      Metrics: [{ Name: 'EstimatedUsd', Unit: 'None' }],
    },
    {
      Namespace,
      Dimensions: [['service', 'fleet', 'capacity']],
      Metrics: [{ Name: 'GpuUtilization', Unit: 'Percent' }],
    },
  ]);
});

it('writes what is no metric as a field beside those that are', () => {
  const line = parsed({ TokensIn: 3, KvCacheUsage: 40 }, { fleet: 'chat', capacity: 'spot' });
  expect(line['KvCacheUsage']).toBe(40);
  expect(JSON.stringify(line._aws)).not.toContain('KvCacheUsage');
});

it('writes a plain line where none is a metric, for CloudWatch must not read it as one', () => {
  const line = parsed({ ColdStartImage: 700 }, { fleet: 'chat', capacity: 'spot' });
  expect(line).toMatchObject({ service: 'gpu-task', fleet: 'chat', ColdStartImage: 700 });
  expect(line).not.toHaveProperty('_aws');
});

it('keeps a value of a metric as a field where the line lacks the dimensions', () => {
  expect(parsed({ TokensIn: 3 })).not.toHaveProperty('_aws');
});
