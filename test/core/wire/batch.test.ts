import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../core/batch/batch.ts';
import { NO_TOTALS, type Shard } from '../../../core/protocol/shard.ts';
import { renderBatch, type WireBatch } from '../../../core/wire/batch.ts';
import { batchExtension } from '../../../core/wire/batch-extension.ts';
import { batchOf, leaseOf, PLAN_SUMMARY, shardOf } from '../protocol/samples.ts';

/** The SDK's types know no null and no readonly; its own fields are all there. */
type Known<T> = T extends readonly (infer Item)[]
  ? readonly Known<Item>[]
  : T extends string
    ? T
    : T extends object
      ? { readonly [Key in keyof T]: Known<NonNullable<T[Key]>> }
      : T;

const NOW_MS = 1_000_000;

function render(fields: Partial<Batch>, shards: readonly Shard[] = []): WireBatch {
  const batch = batchOf(fields);
  const catalogue = { fleets: [], gpuClasses: [] } as never;
  const totals = NO_TOTALS;
  const extension = batchExtension({ batch, shards, totals, summary: null, catalogue, nowMs: NOW_MS });
  return renderBatch({ batch, totals, errors: null, extension });
}

describe('renderBatch', () => {
  it('has every field of the SDK’s Batch, null until it is known', () => {
    const rendered = render({});
    rendered as Known<WireBatch> satisfies Known<OpenAI.Batch>;
    const unknownYet: Record<Exclude<keyof Required<OpenAI.Batch>, keyof WireBatch>, never> = {};
    expect(unknownYet).toEqual({});
    expect(rendered).toMatchObject({
      ...{ model: null, errors: null, output_file_id: null, error_file_id: null, metadata: null },
      ...{ in_progress_at: null, finalizing_at: null, completed_at: null, failed_at: null },
      ...{ expired_at: null, cancelling_at: null, cancelled_at: null },
    });
  });

  it('shows no model and no counts while validating, even if intake has planned', () => {
    const validating = { model: null, request_counts: { total: 0, completed: 0, failed: 0 } };
    expect(render({ plan: PLAN_SUMMARY })).toMatchObject({ status: 'validating', ...validating });
    const enrolled = { model: 'm', request_counts: { total: 4, completed: 0, failed: 0 } };
    expect(render({ plan: PLAN_SUMMARY, phase: { kind: 'enrolled' } })).toMatchObject(enrolled);
  });

  it('names no list price where the catalogue has none', () => {
    expect(render({ plan: PLAN_SUMMARY, phase: { kind: 'enrolled' } }).slackline.list_price_usd).toBeNull();
  });

  it('waits where every Lease of its open Shards has ended', () => {
    const waits = (until: number) =>
      render({ plan: PLAN_SUMMARY, phase: { kind: 'enrolled' } }, [shardOf({ lease: leaseOf(until) })])
        .slackline.waiting;
    expect(waits(NOW_MS + 1)).toBeNull();
    expect(waits(NOW_MS)).toBe('starting');
  });
});
