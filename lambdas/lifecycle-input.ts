import { z } from 'zod';
import type { BatchId, TenantId } from '../core/ids.ts';

/** What the batch-lifecycle machine passes to each of its functions. */
export const lifecycleInput = z.object({
  tenant: z
    .string()
    .min(1)
    .transform((id) => id as TenantId),
  batchId: z
    .string()
    .min(1)
    .transform((id) => id as BatchId),
  generation: z.number().int(),
  definitionVersion: z.number().int(),
  requestId: z.string().exactOptional(),
});

/** Of the wait, which is invoked with a task token. */
export const lifecycleWaitInput = lifecycleInput.extend({
  kind: z.enum(['wait-long', 'wait-medium', 'wait-short']),
  waitSeq: z.number().int(),
  taskToken: z.string().min(1),
});
export type LifecycleWaitInput = z.output<typeof lifecycleWaitInput>;

const seconds = z.number().int().positive();

/** Lengths of the three rounds, long, medium, short, as the environment holds them. */
export function parseRounds(json: string): { readonly longMs: number; readonly mediumMs: number } {
  const [long, medium] = z.tuple([seconds, seconds, seconds]).parse(JSON.parse(json));
  return { longMs: long * 1000, mediumMs: medium * 1000 };
}
