import type { Gpu, GpuReading } from './gpu-reading.ts';

/** `suspect` may pass; `erring` does not, and nothing may be computed on this GPU any more. */
export type GpuHealth =
  | { readonly kind: 'healthy' }
  | { readonly kind: 'suspect'; readonly why: string }
  | {
      readonly kind: 'erring';
      readonly why: string;
      /** Memory that fails is no Request's doing; a GPU that does not answer any more may be. */
      readonly cause: 'memory' | 'unclear';
    };

/** What the looks at the GPUs of one Task have shown so far. */
export interface GpuRecord {
  /** Each GPU as it was when it was first seen, by UUID. */
  readonly first: Readonly<Record<string, Gpu>>;
  /** Looks in a row without an answer about the GPUs. */
  readonly blindLooks: number;
  readonly health: GpuHealth;
}

export const NEW_GPU_RECORD: GpuRecord = { first: {}, blindLooks: 0, health: { kind: 'healthy' } };

/** One may be a driver that is busy, as while it loads. */
const BLIND_LOOKS = 2;

/**
 * Takes one more look into the record. Faults of memory count from when the GPU was first seen: earlier ones stay with
 * the instance, are worked around by the GPU, and would end every Task there at its start.
 */
export function judgeGpus(record: GpuRecord, reading: GpuReading): GpuRecord {
  switch (reading.kind) {
    case 'seen':
      return judgeSeen(record, reading.gpus);
    case 'absent':
      return { ...record, blindLooks: 0, health: { kind: 'healthy' } };
    case 'unreadable':
      return { ...record, blindLooks: 0, health: { kind: 'suspect', why: reading.why } };
    case 'lost':
      return { ...record, blindLooks: 0, health: { kind: 'erring', why: reading.why, cause: 'unclear' } };
    case 'hung':
      return judgeBlind(record, 'nvidia-smi does not end.');
    case 'unknown-error':
      return judgeBlind(record, reading.why);
    default:
      return reading satisfies never;
  }
}

function judgeBlind(record: GpuRecord, why: string): GpuRecord {
  const blindLooks = record.blindLooks + 1;
  if (blindLooks < BLIND_LOOKS) return { ...record, blindLooks, health: { kind: 'suspect', why } };
  return { ...record, blindLooks, health: { kind: 'erring', why, cause: 'unclear' } };
}

function judgeSeen(record: GpuRecord, gpus: readonly Gpu[]): GpuRecord {
  const first = { ...Object.fromEntries(gpus.map((gpu) => [gpu.uuid, gpu])), ...record.first };
  return { first, blindLooks: 0, health: healthOf(first, gpus) };
}

function healthOf(first: GpuRecord['first'], gpus: readonly Gpu[]): GpuHealth {
  const failing = gpus.flatMap((gpu) => newFaults(gpu, first[gpu.uuid] ?? gpu));
  if (failing.length > 0) return { kind: 'erring', why: failing.join(' '), cause: 'memory' };
  const gone = Object.values(first).filter(({ uuid }) => gpus.every((gpu) => gpu.uuid !== uuid));
  if (gone.length > 0) {
    return {
      kind: 'erring',
      why: `GPU ${gone.map(({ index }) => index).join(', ')} is gone.`,
      cause: 'unclear',
    };
  }
  const old = gpus.flatMap(oldFaults);
  return old.length > 0 ? { kind: 'suspect', why: old.join(' ') } : { kind: 'healthy' };
}

function newFaults(gpu: Gpu, first: Gpu): readonly string[] {
  const errors = (gpu.uncorrectedErrors ?? 0) - (first.uncorrectedErrors ?? 0);
  const bad = gpu.badMemory.filter((fault) => !first.badMemory.includes(fault));
  return [
    ...(errors > 0 ? [`GPU ${gpu.index}: ${errors} memory errors that ECC could not correct.`] : []),
    ...bad.map((fault) => `GPU ${gpu.index}: ${fault}.`),
  ];
}

const oldFaults = (gpu: Gpu): readonly string[] =>
  newFaults(gpu, { ...gpu, uncorrectedErrors: 0, badMemory: [] });
