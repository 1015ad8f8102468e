import { z } from 'zod';
import type { InvokeResult } from '../lambda/invoke-result.ts';

/** Lambda's developer guide, "Success and failure conditions": null and empty both mean that all went well. */
const responseSchema = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish();

/**
 * The ids of a batch's messages that are done and may be deleted. A function error, a response of another
 * form and an identifier that is not in the batch each fail the whole batch.
 */
export function succeededIds(
  result: InvokeResult,
  messageIds: readonly string[],
  reportsItemFailures: boolean,
): readonly string[] {
  if (result.kind === 'error') return [];
  if (!reportsItemFailures) return messageIds;
  const response = responseSchema.safeParse(result.payload);
  if (!response.success) return [];
  const failed = new Set((response.data?.batchItemFailures ?? []).map((item) => item.itemIdentifier));
  const known = new Set(messageIds);
  if (![...failed].every((id) => known.has(id))) return [];
  return messageIds.filter((id) => !failed.has(id));
}
