import type { LineDecision } from '../../core/agent/line-decision.ts';
import { NO_USAGE } from '../../core/agent/usage.ts';
import type { FinishedLine } from '../../core/segment/segment.ts';
import type { ShardLine } from '../../core/shard/object.ts';
import { type LineResult, resultLine } from '../../core/wire/result-line.ts';
import type { LeasedShard } from './lease-shard.ts';

export type Finish = Extract<LineDecision, { readonly kind: 'finish' }>;

/** The line at an index of the Shard; intake and the Shard record agree on how many there are. */
export function lineAt({ lines }: LeasedShard, index: number): ShardLine {
  const line = lines[index];
  if (line === undefined)
    throw new Error(`The Shard object has ${lines.length} lines, none of index ${index}.`);
  return line;
}

/** The decision about a line as a Segment holds it. */
export function finishedLine(
  leased: LeasedShard,
  index: number,
  { outcome, result, usage }: Finish,
): FinishedLine {
  const { line, customId } = lineAt(leased, index);
  const { batchId } = leased.started.shard;
  return { index, outcome, ...usage, bytes: resultLine({ batchId, line, customId }, result) };
}

/** A line that fails without being sent (again). */
export const failedLine = (leased: LeasedShard, index: number, result: LineResult): FinishedLine =>
  finishedLine(leased, index, { kind: 'finish', outcome: 'failed', result, usage: NO_USAGE });
