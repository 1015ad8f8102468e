import { isOurs } from '../../core/agent/engine-limits.ts';
import { type GpuHealth, judgeGpus, NEW_GPU_RECORD } from '../../core/agent/gpu-health.ts';
import type { Gpu, GpuReading } from '../../core/agent/gpu-reading.ts';
import type { AgentDeps } from './deps.ts';
import type { Tally } from './tally.ts';

/** Nothing may be computed on the GPUs of this Task any more: its agent ends. */
export class GpuFailed extends Error {}

/** Looks at the GPUs of the Task, and decides when they are of no use any more. */
export interface GpuWatch {
  /** Looks every so often until `over` aborts, or at once where there is no GPU to look at. */
  follow(over: AbortSignal): Promise<void>;
  /** Looks now, and once more where the first look had no answer. */
  examine(): Promise<GpuHealth>;
  /** True while nothing may be sent: a GPU errs, and a line that runs alone may be the reason. */
  holdsBack(): boolean;
  /** As the last look showed them. */
  seen(): readonly Gpu[];
}

export interface GpuWatchListener {
  /** Whether a line runs alone on the engine now. */
  isolates(): boolean;
  /** Resolves when such a line may have ended. */
  untilChanged(over: AbortSignal): Promise<void>;
  /** It was held back, and the GPUs are of use after all. */
  onRoom(): void;
  onErring(health: GpuHealth & { readonly kind: 'erring' }): void;
}

type WatchDeps = Pick<AgentDeps, 'fleet' | 'gpus' | 'time' | 'log'>;

/** A GPU that fails takes what is in flight with it: at most these seconds of work. */
const LOOK_EVERY_MS = 20_000;
/** Time for a driver to get over what it was busy with. */
const SECOND_LOOK_MS = 3000;

export function gpuWatch(deps: WatchDeps, tally: Tally, listener: GpuWatchListener): GpuWatch {
  const { time, log } = deps;
  let record = NEW_GPU_RECORD;
  let last: GpuReading | null = null;
  /** One look at a time, so that each is judged once. */
  let looking: Promise<unknown> = Promise.resolve();
  let held = false;
  // An engine that is not ours computes elsewhere.
  const isWatched = (): boolean => isOurs(deps.fleet.engine) && last?.kind !== 'absent';

  async function lookNow(): Promise<GpuHealth> {
    if (!isWatched()) return record.health;
    const before = record.health;
    last = await deps.gpus.look();
    record = judgeGpus(record, last);
    if (last.kind === 'absent') log.info('There is no nvidia-smi here: no GPU is watched.');
    tell(before, record.health);
    return record.health;
  }

  function look(): Promise<GpuHealth> {
    const next = looking.then(lookNow);
    looking = next;
    return next;
  }

  function tell(before: GpuHealth, now: GpuHealth): void {
    if (now.kind === 'erring' && before.kind !== 'erring') tally.add('GpuErrors');
    if (now.kind === 'healthy') return;
    if (before.kind === now.kind && before.why === now.why) return;
    log.warn(now.kind === 'erring' ? 'A GPU errs.' : 'A GPU may err.', { why: now.why });
  }

  async function examine(): Promise<GpuHealth> {
    const health = await look();
    if (health.kind !== 'suspect' || record.blindLooks === 0) return health;
    await time.sleep(SECOND_LOOK_MS);
    return look();
  }

  /** What a line did to the GPU while it ran alone is known when it has ended; then the GPU is looked at anew. */
  async function decide(found: GpuHealth, over: AbortSignal): Promise<void> {
    let health = found;
    held = listener.isolates();
    if (held) {
      while (listener.isolates() && !over.aborted) await listener.untilChanged(over);
      health = await examine();
    }
    held = false;
    if (over.aborted) return;
    if (health.kind === 'erring') listener.onErring(health);
    else listener.onRoom();
  }

  return {
    examine,
    holdsBack: () => held,
    seen: () => (last?.kind === 'seen' ? last.gpus : []),
    async follow(over) {
      while (!over.aborted && isWatched()) {
        const health = await look();
        if (health.kind === 'erring') await decide(health, over);
        await time.sleep(LOOK_EVERY_MS, over);
      }
    },
  };
}
