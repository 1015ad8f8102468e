import type { LineError } from '../batch/batch.ts';
import type { IntakePlan } from '../batch/plans.ts';
import { encodeShardLine } from '../shard/object.ts';
import type { ServedModel } from './check-line.ts';
import { shardCutter } from './cut-shards.ts';
import { MAX_LISTED_ERRORS } from './error-lists.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { prefixKey } from './prompt-prefix.ts';
import { type CheckedRequest, type InputSummary, type ReadFacts, readInput } from './read-input.ts';
import type { ShardWriter } from './write-shards.ts';

export type CutInput =
  | {
      readonly kind: 'clean';
      readonly lines: number;
      readonly idSum: bigint;
      readonly served: ServedModel;
      readonly shards: IntakePlan['shards'];
    }
  /** `first`: up to one more than the list shows; the walk goes on in `rest`. */
  | { readonly kind: 'wrong'; readonly first: readonly LineError[]; readonly rest: AsyncIterable<LineError> };

/** Walks the input once and writes its Shards as they fill, as long as nothing is wrong with it. */
export async function cutInput(
  source: AsyncIterable<Uint8Array>,
  facts: ReadFacts,
  writer: ShardWriter,
): Promise<CutInput> {
  const cutter = requestCutter(writer, facts);
  const rest = readInput(source, facts, cutter.take);
  const { first, summary } = await firstErrors(rest);
  if (summary === null || summary.served === null || first.length > 0) return { kind: 'wrong', first, rest };
  await cutter.end();
  return { kind: 'clean', ...summary, served: summary.served, shards: await writer.end() };
}

/** By hand, because a `for await` that is left would end the walk. `summary`: it has ended by itself. */
async function firstErrors(
  walk: AsyncGenerator<LineError, InputSummary>,
): Promise<{ readonly first: readonly LineError[]; readonly summary: InputSummary | null }> {
  const first: LineError[] = [];
  while (first.length <= MAX_LISTED_ERRORS) {
    const next = await walk.next();
    if (next.done === true) return { first, summary: next.value };
    first.push(next.value);
  }
  return { first, summary: null };
}

/** Cuts Requests by the measure of their Fleet, which the first of them names. */
function requestCutter(writer: ShardWriter, { endpoint, limits }: ReadFacts) {
  let cutter: ReturnType<typeof shardCutter> | null = null;
  return {
    async take({ line, customId, body, bodyBytes, fleet }: CheckedRequest): Promise<void> {
      cutter ??= shardCutter({
        maxTokens: (fleet.tokensPerSecond * fleet.shard.targetMs) / 1000,
        maxLines: fleet.shard.maxLines,
        maxBytes: limits.maxShardBytes,
        maxBufferedBytes: limits.maxBufferedBytes,
      });
      const ready = cutter.add({
        bytes: encodeShardLine({ line, customId, body: bodyBytes }),
        estimatedTokens: estimateTokens(body, bodyBytes.length, { endpoint, fleet }),
        prefixKey: prefixKey(body),
      });
      for (const cut of ready) await writer.write(cut);
    },
    async end(): Promise<void> {
      for (const cut of cutter?.end() ?? []) await writer.write(cut);
    },
  };
}
