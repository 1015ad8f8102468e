import type { FileId, TenantId } from '../ids.ts';
import { objectKeys } from '../keys.ts';
import type { Objects } from '../ports.ts';
import type { ResultChunk } from './result-chunks.ts';
import { type Tally, tallied } from './tally.ts';

/** A final file as it lies in the object store. */
export interface FinalFile extends Tally {
  readonly id: FileId;
  readonly etag: string;
}

/** What a file would hold that has no line, and so does not exist. */
export const NO_LINES = { lines: 0, idSum: 0n } as const;

/** Writes a final file in one stream, once; null where it would be empty. Throws where other bytes stand there. */
export async function writeFile(
  objects: Objects,
  at: { readonly tenant: TenantId; readonly id: FileId },
  chunks: AsyncGenerator<ResultChunk>,
): Promise<FinalFile | null> {
  const tally = tallied(chunks);
  const bytes = tally.bytes();
  const first = await bytes.next();
  if (first.done === true) return null;
  const key = objectKeys.file(at.tenant, at.id);
  const stored = await objects.putOnceStream(key, startingWith(first.value, bytes), 'application/jsonl');
  if (stored.result === 'taken') {
    throw new Error(`The file ${at.id} stands already with other bytes than its close plan gives.`);
  }
  return { ...tally.end(), id: at.id, etag: stored.etag };
}

async function* startingWith(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}
