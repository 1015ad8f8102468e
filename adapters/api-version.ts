import { z } from 'zod';
import type { ApiAnswer } from '../core/doctor/deployment.ts';

const versionSchema = z.object({
  object: z.literal('version'),
  version: z.string(),
  commit: z.string().nullable(),
});

export interface ApiVersionOptions {
  /** Up to and with `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly signal: AbortSignal;
}

/** Asks a deployed API for its version. */
export async function apiVersion({ baseUrl, apiKey, signal }: ApiVersionOptions): Promise<ApiAnswer> {
  const answer = await fetch(`${baseUrl}/version`, {
    headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
    signal,
  });
  if (answer.status === 401) return { kind: 'unauthorized', hasKey: apiKey !== undefined };
  const body = answer.ok ? versionSchema.safeParse(await answer.json().catch(() => null)) : undefined;
  return body?.success ? { kind: 'version', version: body.data } : { kind: 'other', status: answer.status };
}
