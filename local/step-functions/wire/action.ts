import type { z } from 'zod';
import { RequestError } from './request-error.ts';

/** One call of the wire: the parsed body in, the answer's body out. Throws a RequestError. */
export type Action = (body: unknown) => object;

/** Checks a call's body before `run` sees it; what does not fit is a ValidationException naming the member. */
export function action<T>(schema: z.ZodType<T>, run: (request: T) => object): Action {
  return (body) => {
    const parsed = schema.safeParse(body);
    if (parsed.success) return run(parsed.data);
    const [issue] = parsed.error.issues;
    const message = `1 validation error detected: Value at '${issue?.path.join('.')}' failed to satisfy constraint: ${issue?.message}`;
    throw new RequestError('ValidationException', message);
  };
}
