import { z } from 'zod';
import { RefusedCall } from '../aws-json/refused-call.ts';
import type { EmittedEvent } from './event.ts';

const MOST_ENTRIES = 10;

/** 1 MiB for all entries of a call, since January 2026 (256 KB before). */
const LARGEST_CALL_BYTES = 1_048_576;

/** What an entry's Time counts for, whatever its form ("Calculating PutEvents event entry size"). */
const TIME_BYTES = 14;

const entrySchema = z.object({
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  Resources: z.array(z.string()).default([]),
  Time: z.number().optional(),
  EventBusName: z.string().default('default'),
});

type Entry = z.infer<typeof entrySchema>;

const callSchema = z.object({ Entries: z.array(entrySchema).min(1).max(MOST_ENTRIES) });

export interface PutEntry {
  readonly busName: string;
  readonly event: EmittedEvent;
}

/** PutEvents: a bad entry fails alone; too many or too large ones fail the call. `put` returns the event's id. */
export function putEvents(input: unknown, put: (entry: PutEntry) => string) {
  const parsed = callSchema.safeParse(input);
  if (!parsed.success) throw new RefusedCall('ValidationException', z.prettifyError(parsed.error));
  const { Entries: entries } = parsed.data;
  const sizeBytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (sizeBytes > LARGEST_CALL_BYTES) {
    throw new RefusedCall(
      'ValidationException',
      `Total size of the entries in the request is over the limit: ${sizeBytes} of ${LARGEST_CALL_BYTES} bytes.`,
    );
  }
  const results = entries.map((entry) => putEntry(entry, put));
  return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
}

function putEntry(entry: Entry, put: (entry: PutEntry) => string) {
  const { Source: source, DetailType: detailType, Detail: text } = entry;
  if (!source || !detailType || text === undefined) {
    return failure('InvalidArgument', 'Source, DetailType and Detail are required.');
  }
  if (source.startsWith('aws.')) {
    return failure('NotAuthorizedForSourceException', `Not authorized for the source ${source}.`);
  }
  const detail = parseObject(text);
  if (detail === undefined) return failure('MalformedDetail', 'Detail is malformed: it is a JSON object.');
  const time = entry.Time === undefined ? {} : { time: new Date(entry.Time * 1000) };
  const event = { source, detailType, detail, resources: entry.Resources, ...time };
  return { EventId: put({ busName: entry.EventBusName.split('/').at(-1) ?? '', event }) };
}

function failure(ErrorCode: string, ErrorMessage: string) {
  return { ErrorCode, ErrorMessage };
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function sizeOf({ Source, DetailType, Detail, Resources, Time }: Entry): number {
  const texts = [Source ?? '', DetailType ?? '', Detail ?? '', ...Resources];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return bytes + (Time === undefined ? 0 : TIME_BYTES);
}
