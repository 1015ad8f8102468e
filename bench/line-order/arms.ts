import { runOrder } from '../../core/agent/line-order.ts';
import { type CutLimits, shardCutter } from '../../core/intake/cut-shards.ts';
import { prefixKey } from '../../core/intake/prompt-prefix.ts';
import type { ShardLine } from '../../core/shard/object.ts';

/** All lines fit into one Shard: the order within it is what is measured. */
const ONE_SHARD: CutLimits = {
  maxTokens: Number.POSITIVE_INFINITY,
  maxLines: 8192,
  maxBytes: Number.POSITIVE_INFINITY,
  maxBufferedBytes: Number.POSITIVE_INFINITY,
};

export type Arm = 'file' | 'grouped' | 'grouped_longest_first';

/** The bodies in the order in which each arm sends them. */
export function ordersOf(bodies: readonly string[]): Readonly<Record<Arm, readonly string[]>> {
  const grouped = groupedByIntake(bodies);
  const lines: readonly ShardLine[] = grouped.map((body, i) => ({
    ...{ line: i + 1, customId: `row-${i}` },
    body: Buffer.from(body),
  }));
  const byAgent = runOrder(lines, () => false).map((index) => grouped[index] ?? '');
  return { file: bodies, grouped, grouped_longest_first: byAgent };
}

function groupedByIntake(bodies: readonly string[]): readonly string[] {
  const cutter = shardCutter(ONE_SHARD);
  const cuts = bodies.flatMap((body) => {
    const line = { bytes: Buffer.from(body), estimatedTokens: 1, prefixKey: prefixKey(JSON.parse(body)) };
    return cutter.add(line);
  });
  return [...cuts, ...cutter.end()].flatMap(({ lines }) => lines.map(({ bytes }) => bytes.toString()));
}
