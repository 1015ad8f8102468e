import { z } from 'zod';
import type { Resource } from './resource.ts';

/** Reads the properties that an emulator needs; a wrong one is an error naming resource and property. */
export function parseProperties<T>(resource: Resource, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(resource.properties);
  if (parsed.success) return parsed.data;
  const { stack, logicalId, type } = resource;
  throw new Error(`${stack}.${logicalId} (${type}): ${z.prettifyError(parsed.error)}`);
}
