import { expect, it } from 'vitest';
import type { EngineStart } from '../../../core/agent/cold-start.ts';
import type { Metrics } from '../../../core/metrics.ts';
import type { Log } from '../../../gpu-task/agent/log.ts';
import { reportStart } from '../../../gpu-task/cold-start/report-start.ts';
import type { RunningEngine } from '../../../gpu-task/engines/engine.ts';
import { testFleet } from '../agent-rig.ts';

const coldStart: EngineStart = { startedAtMs: 1000, healthyAtMs: 5000, answeredAtMs: 5200, report: {} };

function reportOf(running: Partial<RunningEngine>) {
  const said: unknown[] = [];
  const note = (...words: readonly unknown[]) => void said.push(words);
  const log: Log = { info: note, warn: note, with: () => log };
  const emitted: unknown[] = [];
  const metrics: Metrics = { emit: (...values) => void emitted.push(values) };
  const taskStart = { bootedAtMs: null, pullStartedAtMs: 0, pullStoppedAtMs: 700, agentStartedAtMs: 900 };
  const deps = { fleet: testFleet, capacity: 'spot', taskStart, metrics, log } as const;
  reportStart(deps, { engineStart: 1, ...running } as RunningEngine);
  return { said, emitted };
}

it('says the phases of a Task’s first start in the log and as metrics', () => {
  const { said, emitted } = reportOf({ coldStart });
  const phases = { imageMs: 700, agentMs: 300, engineMs: 4000, firstTokenMs: 200, wholeMs: 5200 };
  expect(said).toEqual([['The engine is ready.', { engineStart: 1, ...phases }]]);
  expect(emitted).toEqual([
    [
      ...[
        {
          ColdStartImage: 700,
          ColdStartAgent: 300,
          ColdStartEngine: 4000,
          ColdStartFirstToken: 200,
          ColdStart: 5200,
        },
      ],
      { fleet: 'tiny', capacity: 'spot' },
    ],
  ]);
});

it('says of a later start how the engine’s went, and nothing as metrics', () => {
  const { said, emitted } = reportOf({ engineStart: 2, coldStart });
  expect(said).toEqual([['The engine is ready.', { engineStart: 2, engineMs: 4000, firstTokenMs: 200 }]]);
  expect(emitted).toEqual([]);
});

it('says only that it is ready of an engine that does not tell', () => {
  expect(reportOf({})).toEqual({ said: [['The engine is ready.', { engineStart: 1 }]], emitted: [] });
});
