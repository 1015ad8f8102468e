import { z } from 'zod';
import { RequestError } from './request-error.ts';

/** AWS's page size where a call names none, or 0. */
const DEFAULT_PAGE = 100;

export const pageRequest = z.object({
  maxResults: z.int().min(0).max(1000).optional(),
  nextToken: z.string().min(1).optional(),
});

/** One page of a list, and the token of the next one if there is more. Throws InvalidToken. */
export function pageOf<T>(
  request: z.infer<typeof pageRequest>,
  read: (offset: number, limit: number) => readonly T[],
): { readonly items: readonly T[]; readonly nextToken: string | undefined } {
  const limit = request.maxResults || DEFAULT_PAGE;
  const offset = request.nextToken === undefined ? 0 : offsetOf(request.nextToken);
  const items = read(offset, limit + 1);
  if (items.length <= limit) return { items, nextToken: undefined };
  return {
    items: items.slice(0, limit),
    nextToken: Buffer.from(`page:${offset + limit}`).toString('base64'),
  };
}

function offsetOf(nextToken: string): number {
  const [, offset] = /^page:(\d+)$/.exec(Buffer.from(nextToken, 'base64').toString()) ?? [];
  if (offset === undefined) throw new RequestError('InvalidToken', "Invalid Token: 'Invalid token'");
  return Number(offset);
}
