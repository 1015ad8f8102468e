import type OpenAI from 'openai';
import { expect, vi } from 'vitest';
import { download, type ResultLine } from './harness.ts';

const OVER = new Set<OpenAI.Batch['status']>(['completed', 'failed', 'expired', 'cancelled']);

/** Polls as users do, until the Batch is over. */
export async function untilOver(client: OpenAI, batchId: string, timeoutMs = 150_000): Promise<OpenAI.Batch> {
  let batch: OpenAI.Batch | undefined;
  await vi.waitUntil(
    async () => {
      batch = await client.batches.retrieve(batchId);
      return OVER.has(batch.status);
    },
    { timeout: timeoutMs, interval: 250 },
  );
  if (batch === undefined) throw new Error(`The Batch ${batchId} was never read.`);
  return batch;
}

/** Checks that a Batch is `completed` with every Request once in its output, and gives those lines. */
export async function expectWhole(
  client: OpenAI,
  batch: OpenAI.Batch,
  ids: readonly string[],
): Promise<readonly ResultLine[]> {
  expect(batch.status).toBe('completed');
  expect(batch.request_counts).toEqual({ total: ids.length, completed: ids.length, failed: 0 });
  expect(batch.error_file_id ?? null).toBeNull();
  const lines = await download(client, batch.output_file_id);
  expect(lines.map((line) => line.custom_id).sort()).toEqual([...ids].sort());
  expect(new Set(lines.map((line) => line.id)).size).toBe(ids.length);
  expect(lines.filter((line) => line.error !== null)).toEqual([]);
  return lines;
}
