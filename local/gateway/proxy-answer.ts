import { z } from 'zod';
import type { HttpAnswer } from './http-answer.ts';
import { isBinary } from './media-types.ts';

const value = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const schema = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), value).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(value)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

/** API Gateway gives these a prefix (docs: "Amazon API Gateway important notes"), so that clients miss them. */
const REMAPPED = new Set([
  'authorization',
  'connection',
  'content-length',
  'date',
  'server',
  'www-authenticate',
]);
const DROPPED = new Set(['transfer-encoding', 'keep-alive', 'te', 'trailer', 'upgrade']);

/** Reads a proxy integration's answer; undefined if it is malformed or over 10 MB, which is a 502. */
export function proxyAnswer(
  payload: unknown,
  accept: string | undefined,
  binaryMediaTypes: readonly string[],
): HttpAnswer | undefined {
  const parsed = schema.safeParse(payload);
  if (!parsed.success) return undefined;
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = parsed.data;
  // Only the first media type of Accept decides whether base64 is decoded.
  const decode = isBase64Encoded === true && isBinary(accept?.split(',')[0], binaryMediaTypes);
  const bytes = Buffer.from(body ?? '', decode ? 'base64' : 'utf8');
  if (bytes.length > MAX_ANSWER_BYTES) return undefined;
  return {
    status: statusCode,
    headers: { 'content-type': 'application/json', ...answerHeaders(headers ?? {}, multiValueHeaders ?? {}) },
    body: bytes,
  };
}

function answerHeaders(
  single: Readonly<Record<string, string>>,
  multi: Readonly<Record<string, readonly string[]>>,
): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, content] of [...Object.entries(single), ...Object.entries(multi)]) {
    const lower = name.toLowerCase();
    if (DROPPED.has(lower)) continue;
    headers[REMAPPED.has(lower) ? `x-amzn-remapped-${lower}` : lower] = content;
  }
  return headers;
}
