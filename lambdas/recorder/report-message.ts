import { JSONStringified } from '@aws-lambda-powertools/parser/helpers';
import { z } from 'zod';
import type { BatchId, TenantId } from '../../core/ids.ts';
import type { Report } from '../../core/protocol/report.ts';

const count = z.number().int().nonnegative();

const shard = z.object({
  tenant: z.string().transform((id) => id as TenantId),
  batchId: z.string().transform((id) => id as BatchId),
  number: count,
});

const schema = JSONStringified(
  z.object({
    shard,
    fence: count,
    seq: count,
    finished: z.base64(),
    segments: z.record(z.string().regex(/^\d+$/), count),
    deaths: z.array(
      z.object({ fence: count, engineStart: count, isolatedIndex: count.optional() }).transform((death) => {
        const { isolatedIndex, ...rest } = death;
        return isolatedIndex === undefined ? rest : { ...rest, isolatedIndex };
      }),
    ),
    totals: z.object({
      completed: count,
      failed: count,
      inputTokens: count,
      cachedTokens: count,
      outputTokens: count,
      reasoningTokens: count,
    }),
    leaseMs: z.object({ spot: z.number().nonnegative(), onDemand: z.number().nonnegative() }),
  }),
);

/** A report as it comes from the queue; throws where the message is none. */
export const parseReport = (body: string): Report => schema.parse(body);
