import { objectKeys } from '../../../core/keys.ts';
import { decodeIndex } from '../../../core/segment/segment.ts';
import type { End, InterruptedRun, Rig, World } from './interrupt.ts';
import { MAX_HOP_MS } from './mortal.ts';
import type { Send } from './timed-engine.ts';

/** Behind a checkpoint that is due may lie: the last put and its report, there and back, and the way of its own put. */
const STORED_WITHIN_MS = 5 * MAX_HOP_MS;

/** What an interrupted run broke of what must always hold, and what it cost. */
export function verify(
  world: World,
): Pick<
  InterruptedRun,
  'violations' | 'ends' | 'recomputed' | 'recomputedMs' | 'segments' | 'takenBackEarly'
> {
  const { rig, sends, ends } = world;
  const again = sentAgain(sends);
  const violations = [
    ...[0, 1].flatMap((shard) => lost(rig, shard)),
    ...ends.flatMap((end, agent) => outlived(end, agent)),
    ...again.flatMap((send) => {
      const why = whyNotAgain(send, ends[send.agent] ?? { kind: 'none' }, rig.fleet.checkpoint.everyMs);
      return why === null ? [] : [`${send.body} of agent ${send.agent} was computed again: ${why}.`];
    }),
  ];
  const early = again.filter((send) => isEarly(send, ends[send.agent]));
  const recomputedMs = again.reduce((sum, send) => sum + spentMs(send, ends[send.agent]), 0);
  const segments = [0, 1].reduce((sum, shard) => sum + segmentsOf(rig, shard), 0);
  return {
    ...{ violations, ends, recomputed: again.length, recomputedMs, segments },
    takenBackEarly: early.length,
  };
}

/** How long an engine worked for what was lost. */
function spentMs({ sentAtMs, answeredAtMs, takenBackAtMs }: Send, end: End | undefined): number {
  const untilMs = answeredAtMs ?? takenBackAtMs ?? (end?.kind === 'killed' ? end.atMs : sentAtMs);
  return untilMs - sentAtMs;
}

const segmentsOf = (rig: Rig, shard: number): number =>
  Object.values(rig.shard(shard).segments).reduce((sum, count) => sum + count, 0);

/** Every line stands in the Segments that count, once. */
function lost(rig: Rig, number: number): readonly string[] {
  const shard = rig.shard(number);
  const stored = Object.entries(shard.segments).flatMap(([fence, count]) =>
    Array.from({ length: count }, (_, i) => {
      const key = objectKeys.segment(rig.shardId(number), { fence: Number(fence), number: i + 1 });
      return decodeIndex(rig.objects.peek(key) ?? new Uint8Array()).map(({ index }) => index);
    }).flat(),
  );
  const missing = Array.from({ length: shard.lines }, (_, i) => i).filter((i) => !stored.includes(i));
  return [
    ...(shard.state === 'settled' ? [] : [`Shard ${number} did not settle.`]),
    ...(missing.length === 0 ? [] : [`Shard ${number} lost the lines ${missing.join(', ')}.`]),
    ...(stored.length === new Set(stored).size ? [] : [`Shard ${number} holds a line twice.`]),
  ];
}

const outlived = (end: End, agent: number): readonly string[] =>
  end.kind === 'noticed' && !end.exited ? [`Agent ${agent} had not ended when its instance went.`] : [];

/** All sends of a line but its last. */
function sentAgain(sends: readonly Send[]): readonly Send[] {
  const last = new Map(sends.map((send) => [send.body, send]));
  return sends.filter((send) => last.get(send.body) !== send);
}

const isEarly = ({ takenBackAtMs }: Send, end: End | undefined): boolean =>
  end?.kind === 'noticed' && takenBackAtMs !== null && takenBackAtMs < end.untilMs;

/** Null where it was right to compute a line again. */
function whyNotAgain(send: Send, end: End, everyMs: number): string | null {
  const { answeredAtMs, endsAtMs } = send;
  switch (end.kind) {
    case 'none':
      return 'nothing had interrupted it';
    case 'noticed':
      if (answeredAtMs !== null) return 'it was finished before the end';
      return isEarly(send, end) && endsAtMs <= end.untilMs ? 'it would have finished in time' : null;
    case 'killed':
      return answeredAtMs !== null && answeredAtMs < end.atMs - everyMs - STORED_WITHIN_MS
        ? 'it was finished a checkpoint before the kill'
        : null;
    default:
      return end satisfies never;
  }
}
