import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pageFields, pageOf } from '../../../core/wire/list.ts';
import { parseFields } from '../../../core/wire/parse-fields.ts';

const items = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `batch_${i}` }));

describe('pageOf', () => {
  it('tells by one item beyond the limit that there is more', () => {
    expect(pageOf(items(3), 2)).toEqual({
      object: 'list',
      data: items(2),
      first_id: 'batch_0',
      last_id: 'batch_1',
      has_more: true,
    });
    expect(pageOf(items(2), 2)).toMatchObject({ data: items(2), has_more: false });
  });

  it('has null ids where it is empty', () => {
    const empty = { object: 'list', data: [], first_id: null, last_id: null, has_more: false };
    expect(pageOf([], 20)).toEqual(empty);
  });
});

describe('pageFields', () => {
  const query = z.object(pageFields({ defaultLimit: 20, maxLimit: 100, idPrefix: 'batch_' }));
  const refusalOf = (value: unknown): unknown => {
    try {
      return parseFields(query, value);
    } catch (error) {
      return (error as { readonly rejection: unknown }).rejection;
    }
  };

  it('reads the text of a query', () => {
    expect(parseFields(query, {})).toEqual({ limit: 20 });
    const asked = { limit: '100', after: 'batch_7' } satisfies Record<keyof OpenAI.BatchListParams, string>;
    expect(parseFields(query, asked)).toEqual({ limit: 100, after: 'batch_7' });
  });

  it('refuses a limit above the highest in the words of OpenAI', () => {
    expect(refusalOf({ limit: '101' })).toEqual({
      status: 400,
      message: "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101 instead.",
      param: 'limit',
      code: 'integer_above_max_value',
    });
  });

  it.each(['', 'x', '1.5'])('refuses the limit %j, which is no integer, in the words of OpenAI', (limit) => {
    expect(refusalOf({ limit })).toEqual({
      status: 400,
      message: "Invalid type for 'limit': expected an integer, but got a string instead.",
      param: 'limit',
      code: 'invalid_type',
    });
  });

  it.each([
    ...['0', '-1', '1.5', '', 'x'].map((limit) => ({ limit })),
    ...['7', 'file-7', `batch_${'0'.repeat(59)}`].map((after) => ({ after })),
  ])('refuses %j, naming the field', (wrong) => {
    expect(refusalOf(wrong)).toMatchObject({ status: 400, param: Object.keys(wrong)[0] });
  });
});
