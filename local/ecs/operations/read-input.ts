import { z } from 'zod';
import { RefusedCall } from '../../aws-json/refused-call.ts';

/** Reads a call's input; what is wrong is answered as ECS answers it, an InvalidParameterException. */
export function readInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new RefusedCall('InvalidParameterException', z.prettifyError(parsed.error));
}
