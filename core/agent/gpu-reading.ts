/** What nvidia-smi is asked about each GPU, in this order. A name that a driver does not know fails the whole query. */
export const GPU_FIELDS = [
  'index',
  'uuid',
  'name',
  'memory.used',
  'memory.total',
  'temperature.gpu',
  'utilization.gpu',
  'power.draw',
  'ecc.errors.uncorrected.volatile.total',
  'retired_pages.pending',
] as const;

/** Asked by a query of its own: GPUs before Ampere have none, and older drivers do not know the question. */
export const REMAP_FIELDS = ['gpu_uuid', 'remapped_rows.pending', 'remapped_rows.failure'] as const;

/** How a call of nvidia-smi came out. */
export type SmiAnswer =
  | { readonly kind: 'absent' }
  | { readonly kind: 'hung' }
  | { readonly kind: 'ended'; readonly exitCode: number; readonly output: string };

/** A GPU as nvidia-smi shows it; null is what it does not say. */
export interface Gpu {
  readonly index: number;
  readonly uuid: string;
  readonly name: string;
  readonly memoryUsedMib: number | null;
  readonly memoryTotalMib: number | null;
  readonly temperatureC: number | null;
  readonly utilizationPercent: number | null;
  readonly powerWatts: number | null;
  /** ECC errors that could not be corrected since the driver was loaded. */
  readonly uncorrectedErrors: number | null;
  /** Cells that were found bad and are not replaced yet, or cannot be. */
  readonly badMemory: readonly string[];
}

/** One look at the GPUs of this Task. */
export type GpuReading =
  | { readonly kind: 'seen'; readonly gpus: readonly Gpu[] }
  /** There is no nvidia-smi. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'hung' }
  /** A GPU is off the bus, or needs a reset. */
  | { readonly kind: 'lost'; readonly why: string }
  | { readonly kind: 'unknown-error'; readonly why: string }
  /** Says nothing about the GPU itself: no driver, no permission, a question that the driver does not know. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** Looks at the GPUs of this Task. */
export interface GpuProbe {
  look(): Promise<GpuReading>;
}

const LOST = /GPU is lost|GPU requires reset|fallen off the bus/i;
/** NVML's return codes, which nvidia-smi ends with: 15 is a lost GPU, 16 one that requires a reset. */
const LOST_CODES: readonly number[] = [15, 16];
/**
 * "Failed to initialize NVML: Unknown Error" is none of these: the host has taken the devices from the container's new
 * processes, and an engine that runs goes on.
 */
const NO_HANDLE = /Unable to determine the device handle/i;
const UNKNOWN_VALUE = /^\[?(unknown error|ERR!)\]?$/i;
/** Some boards cannot read their own power, and work. */
const MAY_BE_UNKNOWN = GPU_FIELDS.indexOf('power.draw');
const MAX_WHY_LENGTH = 200;

/** Reads the answers to `GPU_FIELDS` and `REMAP_FIELDS`; the latter may be missing or of no use. */
export function readGpus(state: SmiAnswer, remapped: SmiAnswer | null): GpuReading {
  if (state.kind !== 'ended') return state;
  if (remapped?.kind === 'hung') return remapped;
  const { exitCode, output } = state;
  if (LOST.test(output) || LOST_CODES.includes(exitCode)) {
    return { kind: 'lost', why: lineWith(output, LOST) ?? `nvidia-smi ends with ${exitCode}.` };
  }
  const rows = rowsOf(output, GPU_FIELDS.length).filter(([index = '']) => /^\d+$/.test(index));
  const noHandle = lineWith(output, NO_HANDLE);
  const unknown = noHandle ?? rows.find(isUnknown)?.join(', ');
  if (unknown !== undefined) return { kind: 'unknown-error', why: unknown.slice(0, MAX_WHY_LENGTH) };
  if (rows.length > 0 || /No devices were found/i.test(output)) {
    const faults = remapFaults(remapped);
    return { kind: 'seen', gpus: rows.map((row) => toGpu(row, faults)) };
  }
  return { kind: 'unreadable', why: lineWith(output, /\S/) ?? `nvidia-smi ends with ${exitCode}.` };
}

/** In `--format=csv,noheader,nounits`; warnings stand between the rows. */
const rowsOf = (output: string, fields: number): readonly (readonly string[])[] =>
  output
    .split('\n')
    .map((line) => line.split(',').map((value) => value.trim()))
    .filter((row) => row.length === fields);

const isUnknown = (row: readonly string[]): boolean =>
  row.some((value, i) => i !== MAY_BE_UNKNOWN && UNKNOWN_VALUE.test(value));

function lineWith(output: string, pattern: RegExp): string | undefined {
  const line = output.split('\n').find((each) => pattern.test(each));
  return line?.trim().slice(0, MAX_WHY_LENGTH);
}

function remapFaults(remapped: SmiAnswer | null): ReadonlyMap<string, readonly string[]> {
  const rows = remapped?.kind === 'ended' ? rowsOf(remapped.output, REMAP_FIELDS.length) : [];
  return new Map(
    rows.map(([uuid = '', pending = '', failure = '']) => [
      uuid,
      [
        ...(isSet(pending) ? ['a row waits for a reset to be remapped'] : []),
        ...(isSet(failure) ? ['a row could not be remapped'] : []),
      ],
    ]),
  );
}

function toGpu(row: readonly string[], faults: ReadonlyMap<string, readonly string[]>): Gpu {
  const [index, uuid = '', name = '', used, total, temperature, utilization, power, errors, pending = ''] =
    row;
  const retired = isSet(pending) ? ['a page waits for a reset to be retired'] : [];
  return {
    ...{ index: Number(index), uuid, name },
    memoryUsedMib: numberOf(used),
    memoryTotalMib: numberOf(total),
    temperatureC: numberOf(temperature),
    utilizationPercent: numberOf(utilization),
    powerWatts: numberOf(power),
    uncorrectedErrors: numberOf(errors),
    badMemory: [...retired, ...(faults.get(uuid) ?? [])],
  };
}

/** `[N/A]`, `[Not Supported]` and the like are no numbers. */
const numberOf = (value = ''): number | null => (/^\d+(\.\d+)?$/.test(value) ? Number(value) : null);
/** By the query it is `Yes` and `No`, or a number, or nothing. */
const isSet = (value: string): boolean => /^(yes|[1-9]\d*)$/i.test(value);
