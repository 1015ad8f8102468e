import { expect, it } from 'vitest';
import { judgeGpus, NEW_GPU_RECORD } from '../../../core/agent/gpu-health.ts';
import type { Gpu, GpuReading } from '../../../core/agent/gpu-reading.ts';
import { gpuA10G } from './gpu-output.ts';

const seen = (...changes: readonly Partial<Gpu>[]): GpuReading => ({
  kind: 'seen',
  gpus: changes.map((change) => ({ ...gpuA10G, ...change })),
});
const healthy = seen({});
const lost: GpuReading = { kind: 'lost', why: 'GPU is lost' };
const hung: GpuReading = { kind: 'hung' };
const unknown: GpuReading = { kind: 'unknown-error', why: 'Unknown Error' };
const unreadable: GpuReading = { kind: 'unreadable', why: 'no driver' };
const pending = { badMemory: ['a row waits for a reset to be remapped'] };

const after = (...readings: readonly GpuReading[]) => readings.reduce(judgeGpus, NEW_GPU_RECORD).health;

it.each<[string, readonly GpuReading[], string]>([
  ['works', [healthy, healthy], 'healthy'],
  ['does not exist', [{ kind: 'absent' }], 'healthy'],
  ['is hot', [healthy, seen({ temperatureC: 104 })], 'healthy'],
  ['has no ECC', [seen({ uncorrectedErrors: null }), seen({ uncorrectedErrors: null })], 'healthy'],
  [
    'had errors before this Task',
    [seen({ uncorrectedErrors: 3 }), seen({ uncorrectedErrors: 3 })],
    'suspect',
  ],
  ['had bad memory before this Task', [seen(pending), seen(pending)], 'suspect'],
  ['has one more error', [seen({ uncorrectedErrors: 3 }), seen({ uncorrectedErrors: 4 })], 'erring'],
  ['has bad memory now', [healthy, seen(pending)], 'erring'],
  ['is lost', [healthy, lost], 'erring'],
  ['is not shown any more', [healthy, { kind: 'seen', gpus: [] }], 'erring'],
  ['is one of two and gone', [seen({}, { uuid: 'GPU-2' }), healthy], 'erring'],
  ['had an unknown error once', [healthy, unknown], 'suspect'],
  ['had unknown errors with a look between', [unknown, healthy, unknown], 'suspect'],
  ['had an unknown error twice in a row', [healthy, unknown, unknown], 'erring'],
  ['hung once', [healthy, hung], 'suspect'],
  ['hung twice in a row', [hung, hung], 'erring'],
  ['hung and then had an unknown error', [hung, unknown], 'erring'],
  ['came back after a hang', [healthy, hung, healthy], 'healthy'],
  ['cannot be asked', [unreadable, unreadable, unreadable], 'suspect'],
])('judges a GPU that %s', (_what, readings, kind) => {
  expect(after(...readings).kind).toBe(kind);
});

it('stays erring while its errors stand', () => {
  expect(after(healthy, seen({ uncorrectedErrors: 1 }), seen({ uncorrectedErrors: 1 }))).toMatchObject({
    kind: 'erring',
  });
});

it('tells failing memory, which no Request brings about, from a GPU that does not answer', () => {
  expect(after(healthy, seen({ uncorrectedErrors: 2 }))).toEqual({
    kind: 'erring',
    why: 'GPU 0: 2 memory errors that ECC could not correct.',
    cause: 'memory',
  });
  expect(after(healthy, lost)).toMatchObject({ cause: 'unclear', why: 'GPU is lost' });
  expect(after(hung, hung)).toMatchObject({ cause: 'unclear' });
});
