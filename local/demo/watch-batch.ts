import { setTimeout as delay } from 'node:timers/promises';
import type OpenAI from 'openai';
import type { BatchExtension } from '../../core/wire/batch-extension.ts';

/** A Batch as our API shows it: OpenAI's object and our extension. */
export type ShownBatch = OpenAI.Batch & { readonly slackline: BatchExtension };

export interface WatchOptions {
  readonly openai: OpenAI;
  readonly batchId: string;
  /** Gives up after this long, naming the status. */
  readonly limitMs: number;
  readonly onLook: (batch: ShownBatch) => Promise<void>;
}

const LOOK_EVERY_MS = 400;
const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'expired', 'cancelled']);

/** Polls a Batch until it has ended. Throws where that takes too long. */
export async function watchBatch({ openai, batchId, limitMs, onLook }: WatchOptions): Promise<ShownBatch> {
  const untilMs = performance.now() + limitMs;
  for (;;) {
    const batch = (await openai.batches.retrieve(batchId)) as ShownBatch;
    await onLook(batch);
    if (ENDED.has(batch.status)) return batch;
    if (performance.now() > untilMs) {
      const { completed = 0, total = 0 } = batch.request_counts ?? {};
      const seconds = Math.round(limitMs / 1000);
      throw new Error(
        `The Batch did not end within ${seconds} s: it is ${batch.status}, with ${completed} of ${total} Requests done.`,
      );
    }
    await delay(LOOK_EVERY_MS);
  }
}
