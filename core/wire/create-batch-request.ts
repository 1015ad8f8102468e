import { z } from 'zod';
import type { FileId } from '../ids.ts';
import { parseFields } from './parse-fields.ts';
import { badRequest, type RejectRequest } from './reject-request.ts';

const MINUTE_MS = 60_000;
const UNIT_MS = { m: MINUTE_MS, h: 60 * MINUTE_MS, d: 24 * 60 * MINUTE_MS } as const;
const LONGEST_MS = 30 * UNIT_MS.d;

/** Far beyond any id of ours, and below the 1,024 bytes that a sort key may have. */
const MAX_FILE_ID = 256;

/** Body of `POST /v1/batches` (OpenAI CreateBatchRequest). Unknown fields are ignored, as OpenAI does. */
const schema = z.object({
  input_file_id: z.string().max(MAX_FILE_ID),
  endpoint: z.string(),
  completion_window: z.string(),
  metadata: z.record(z.string(), z.string()).nullish(),
  output_expires_after: z
    .object({ anchor: z.literal('created_at'), seconds: z.number().int().min(3600).max(2_592_000) })
    .nullish(),
});

export interface CreateBatch {
  readonly inputFileId: FileId;
  readonly endpoint: string;
  readonly completionWindow: string;
  readonly windowMs: number;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly outputExpiresAfterSeconds?: number;
}

/** Reads the body; throws RejectRequest in OpenAI's words. `served`: the endpoints of all Fleets, in any order. */
export function parseCreateBatch(body: unknown, served: readonly string[]): CreateBatch {
  const fields = parseFields(schema, body);
  checkEndpoint(fields.endpoint, served);
  checkMetadata(fields.metadata ?? {});
  const expiry = fields.output_expires_after;
  return {
    inputFileId: fields.input_file_id as FileId,
    endpoint: fields.endpoint,
    completionWindow: fields.completion_window,
    windowMs: windowMs(fields.completion_window),
    metadata: fields.metadata ?? null,
    ...(expiry == null ? {} : { outputExpiresAfterSeconds: expiry.seconds }),
  };
}

function checkEndpoint(endpoint: string, served: readonly string[]): void {
  if (served.includes(endpoint)) return;
  const supported = [...new Set(served)]
    .sort()
    .map((each) => `'${each}'`)
    .join(', ');
  throw badRequest(
    `Invalid endpoint: '${endpoint}'. Supported values: ${supported}.`,
    'endpoint',
    'invalid_value',
  );
}

/** `24h` is OpenAI's only window; others are our extension: minutes, hours or days, one minute to thirty days. */
function windowMs(window: string): number {
  const match = /^(\d{1,5})([mhd])$/.exec(window);
  const ms = match === null ? 0 : Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  if (ms >= MINUTE_MS && ms <= LONGEST_MS) return ms;
  throw badRequest(
    `Invalid completion_window: '${window}'. Supported values: '24h', or minutes, hours or days from '1m' to '30d'.`,
    'completion_window',
    'invalid_value',
  );
}

const MAX_PAIRS = 16;
const MAX_KEY = 64;
const MAX_VALUE = 512;

function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  const pairs = Object.entries(metadata);
  if (pairs.length > MAX_PAIRS) {
    throw badRequest(
      `Invalid 'metadata': too many properties. Expected an object with at most ${MAX_PAIRS} properties, but got an object with ${pairs.length} properties instead.`,
      'metadata',
      'object_above_max_properties',
    );
  }
  for (const [key, value] of pairs) {
    if (key.length > MAX_KEY) throw tooLong('metadata', 'a key', MAX_KEY, key);
    if (value.length > MAX_VALUE) throw tooLong(`metadata.${key}`, 'a string', MAX_VALUE, value);
  }
}

const tooLong = (param: string, what: string, max: number, text: string): RejectRequest =>
  badRequest(
    `Invalid '${param}': string too long. Expected ${what} with maximum length ${max}, but got one with length ${text.length} instead.`,
    param,
    'string_above_max_length',
  );
