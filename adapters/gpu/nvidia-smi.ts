import { type ExecFileException, execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import {
  GPU_FIELDS,
  type GpuProbe,
  type GpuReading,
  REMAP_FIELDS,
  readGpus,
  type SmiAnswer,
} from '../../core/agent/gpu-reading.ts';

export interface NvidiaSmiOptions {
  /** @default 'nvidia-smi' on the PATH */
  readonly program?: string;
  /** @default 15 s */
  readonly timeoutMs?: number;
}

/** Loading the driver's state takes seconds where nothing holds the GPU; on a machine that is busy, some more. */
const TIMEOUT_MS = 15_000;
const FORMAT = '--format=csv,noheader,nounits';

/** Asks nvidia-smi, which shows a container the GPUs that its Task was given and no others. */
export function nvidiaSmi({
  program = 'nvidia-smi',
  timeoutMs = TIMEOUT_MS,
}: NvidiaSmiOptions = {}): GpuProbe {
  let running = 0;
  /** Who asks at the same time gets the same answer. */
  let looking: Promise<GpuReading> | null = null;

  function call(args: readonly string[]): Promise<SmiAnswer> {
    return new Promise((resolve) => {
      execFile(program, [...args], { timeout: timeoutMs, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
        running--;
        resolve(answerOf(error, stdout + stderr));
      });
      running++;
    });
  }

  async function ask(args: readonly string[]): Promise<SmiAnswer> {
    // One that waits in the driver cannot be killed; another beside it would wait as well.
    if (running > 0) return { kind: 'hung' };
    const patience = new AbortController();
    const { signal } = patience;
    const hung = delay(timeoutMs, { kind: 'hung' } as const, { signal, ref: false });
    const answer = await Promise.race([
      call(args).catch((error: ExecFileException) => answerOf(error, '')),
      hung,
    ]);
    patience.abort();
    return answer;
  }

  async function lookOnce(): Promise<GpuReading> {
    const state = await ask([`--query-gpu=${GPU_FIELDS.join(',')}`, FORMAT]);
    if (state.kind !== 'ended') return readGpus(state, null);
    return readGpus(state, await ask([`--query-remapped-rows=${REMAP_FIELDS.join(',')}`, FORMAT]));
  }

  return {
    look() {
      looking ??= lookOnce().finally(() => {
        looking = null;
      });
      return looking;
    },
  };
}

function answerOf(error: ExecFileException | null, output: string): SmiAnswer {
  if (error === null) return { kind: 'ended', exitCode: 0, output };
  if (error.code === 'ENOENT') return { kind: 'absent' };
  if (error.killed === true) return { kind: 'hung' };
  const exitCode = typeof error.code === 'number' ? error.code : -1;
  return { kind: 'ended', exitCode, output: output === '' ? error.message : output };
}
