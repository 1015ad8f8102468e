import { z } from 'zod';
import { type IdPrefix, isIdOf } from '../ids.ts';

/** A page of a list as the openai SDKs page through it: `after` is the id of the last item seen. */
export interface Page<T extends { readonly id: string }> {
  readonly object: 'list';
  readonly data: readonly T[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

/** The envelope of a list; `items` may hold one more than `limit`, which tells that there is more. */
export function pageOf<T extends { readonly id: string }>(items: readonly T[], limit: number): Page<T> {
  const data = items.slice(0, limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: items.length > limit,
  };
}

export interface PageLimits {
  readonly defaultLimit: number;
  readonly maxLimit: number;
  /** What ids of the listed things begin with: an `after` of another kind would match no place in the list. */
  readonly idPrefix: IdPrefix;
}

/** `Number('')` is 0 and `Number('0x10')` 16, so that coercion would take what is no integer. */
const integerText = z.string().transform((text, context) => {
  if (/^-?\d+$/.test(text)) return Number(text);
  context.addIssue({ code: 'invalid_type', expected: 'int', input: text });
  return z.NEVER;
});

/** The query fields of every list: `after`, an id, and `limit`, from 1; to spread into the list's own fields. */
export const pageFields = ({ defaultLimit, maxLimit, idPrefix }: PageLimits) => ({
  after: z
    .string()
    .refine((text) => isIdOf(idPrefix, text), {
      error: `expected the id of the last item that you have seen (${idPrefix}…).`,
    })
    .optional(),
  limit: integerText.pipe(z.number().min(1).max(maxLimit)).default(defaultLimit),
});
