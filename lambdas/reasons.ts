import { withoutPayload } from './without-payload.ts';

/** What went wrong, of failures that are thrown together each; Powertools writes none of these by itself. */
export const reasonsOf = (error: unknown): readonly string[] =>
  error instanceof AggregateError
    ? error.errors.flatMap(reasonsOf)
    : [String(error instanceof Error ? withoutPayload(error) : error)];
