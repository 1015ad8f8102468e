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
