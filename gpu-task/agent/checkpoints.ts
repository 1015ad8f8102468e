import { backOffMs } from '../../core/agent/back-off.ts';
import { isCheckpointDue, type Unflushed } from '../../core/agent/checkpoint.ts';
import type { AgentTime } from '../../core/agent/ports.ts';
import type { Fleet } from '../../core/fleet/catalogue.ts';
import type { ShardId } from '../../core/ids.ts';
import type { Objects } from '../../core/ports.ts';
import { type SegmentWriter, segmentWriter } from '../../core/protocol/segment-writer.ts';
import type { FinishedLine } from '../../core/segment/segment.ts';
import { type Log, reasonOf } from './log.ts';

/** Finished lines on their way into Segments. */
export interface Checkpoints {
  add(line: FinishedLine): void;
  /** Resolves when all that was added before is stored and reported, or the Attempt is over. */
  flush(): Promise<void>;
  /** Segments that are acknowledged. */
  stored(): number;
}

export interface CheckpointOptions {
  readonly objects: Objects;
  readonly shard: ShardId;
  readonly fence: number;
  readonly limits: Fleet['checkpoint'];
  readonly time: AgentTime;
  readonly log: Log;
  readonly random: () => number;
  /** Aborts when the Attempt is over: nothing is stored after it. */
  readonly over: AbortSignal;
  /** Called for each Segment once the object store has it, before the next one is put. */
  readonly onStored: (lines: readonly FinishedLine[]) => Promise<void>;
  /** Another has written under our fence. */
  readonly onTaken: () => void;
}

/** Cuts Segments by age, bytes and results, whichever is first; one put at a time. */
export function checkpoints(options: CheckpointOptions): Checkpoints {
  const { time, limits, over } = options;
  const writer = watchedWriter(options);
  const unflushed = lineBuffer(time);
  let chain: Promise<void> = Promise.resolve();
  let queued: Promise<void> | null = null;

  /** Until one more Segment of what is there now is stored; what a failed put left behind goes first. */
  async function storeNext(): Promise<void> {
    let taken = false;
    const takeOnce = (): readonly FinishedLine[] => {
      taken = true;
      return unflushed.take();
    };
    for (let tries = 1, done = false; !done && !over.aborted; ) {
      try {
        const lines = await writer.flush(takeOnce);
        done = taken;
        if (lines.length > 0 && !over.aborted) await options.onStored(lines);
      } catch (error) {
        if (over.aborted) return;
        options.log.warn('A Segment could not be stored; trying again.', { reason: reasonOf(error) });
        await time.sleep(backOffMs(tries++, options.random()), over);
      }
    }
  }

  /** A flush that has not begun yet takes all that comes until then: no Segment of a line or two behind it. */
  function flush(): Promise<void> {
    if (queued !== null) return queued;
    queued = chain.then(() => {
      queued = null;
      return storeNext();
    });
    chain = queued;
    return queued;
  }

  function flushIfDue(ageMs: number): void {
    if (isCheckpointDue({ ...unflushed.size(), ageMs }, limits)) void flush();
  }

  return {
    flush,
    stored: () => writer.stored(),
    add(line) {
      if (unflushed.add(line) === 'first') {
        void time.sleep(limits.everyMs, over).then(() => {
          if (!over.aborted) flushIfDue(unflushed.ageMs());
        });
      }
      // Its age is what the timer is for.
      flushIfDue(0);
    },
  };
}

/** Finished lines that no Segment holds yet. */
function lineBuffer(time: AgentTime) {
  let lines: FinishedLine[] = [];
  let bytes = 0;
  let sinceMs = 0;
  return {
    size: (): Omit<Unflushed, 'ageMs'> => ({ results: lines.length, bytes }),
    ageMs: (): number => time.monotonicMs() - sinceMs,
    add(line: FinishedLine): 'first' | 'further' {
      if (lines.length === 0) sinceMs = time.monotonicMs();
      bytes += line.bytes.length;
      return lines.push(line) === 1 ? 'first' : 'further';
    },
    take(): readonly FinishedLine[] {
      const taken = lines;
      lines = [];
      bytes = 0;
      return taken;
    },
  };
}

function watchedWriter({ objects, shard, fence, onTaken }: CheckpointOptions): SegmentWriter {
  const putOnce: Objects['putOnce'] = async (key, body, contentType) => {
    const result = await objects.putOnce(key, body, contentType);
    if (result === 'taken') onTaken();
    return result;
  };
  return segmentWriter({ ...objects, putOnce }, shard, fence);
}
