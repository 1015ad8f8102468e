import { expect, it } from 'vitest';
import { emfMetrics } from '../../../adapters/observability/emf-metrics.ts';

it('writes one line in the embedded metric format, with dimensions and version as fields', () => {
  const lines: string[] = [];
  emfMetrics('gpu-task', '1.2.3+abc', (line) => void lines.push(line)).emit(
    { UnreadableSegments: 3 },
    { fleet: 'chat', capacity: 'spot' },
  );
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    _aws: {
      CloudWatchMetrics: [
        {
          Namespace: 'Slackline',
          Dimensions: [['service', 'fleet', 'capacity']],
          Metrics: [{ Name: 'UnreadableSegments', Unit: 'Count' }],
        },
      ],
    },
    service: 'gpu-task',
    fleet: 'chat',
    capacity: 'spot',
    version: '1.2.3+abc',
    UnreadableSegments: 3,
  });
});

it('keeps a total beside the metric of a Fleet, from the same line', () => {
  const lines: string[] = [];
  const metrics = emfMetrics('scheduler-plan', '1.2.3', (line) => void lines.push(line));
  metrics.emit({ SlackSeconds: 60, OpenBatches: 2 }, { fleet: 'chat' });
  metrics.emit({ EstimatedUsd: 0.5 }, { fleet: 'chat', capacity: 'spot' });
  const kept = lines.map((line) =>
    JSON.parse(line)._aws.CloudWatchMetrics.map((each: Directive) => [
      each.Dimensions,
      each.Metrics.map(({ Name }) => Name),
    ]),
  );
  expect(kept).toEqual([
    [
      [[['service', 'fleet']], ['SlackSeconds', 'OpenBatches']],
      [[['service']], ['SlackSeconds']],
    ],
    [
      [[['service', 'fleet', 'capacity']], ['EstimatedUsd']],
      [[['service', 'fleet']], ['EstimatedUsd']],
      [[['service', 'capacity']], ['EstimatedUsd']],
    ],
  ]);
});

it('counts what has no more dimensions than its total once', () => {
  const lines: string[] = [];
  emfMetrics('gpu-task', '1.2.3', (line) => void lines.push(line)).emit({ GpuErrors: 1 });
  expect(JSON.parse(lines[0] ?? '')._aws.CloudWatchMetrics).toHaveLength(1);
});

interface Directive {
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string }[];
}
