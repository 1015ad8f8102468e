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
