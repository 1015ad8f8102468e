import { createHash } from 'node:crypto';
import type { Batch, LineError } from '../batch/batch.ts';
import { type FileId, newId } from '../ids.ts';
import { objectKeys } from '../keys.ts';
import type { Objects } from '../ports.ts';

/** Errors that the Batch object shows; the file of all errors holds the rest. */
export const MAX_LISTED_ERRORS = 1000;

/** All errors as JSON lines, in a File of their own. */
export interface ErrorFile {
  readonly id: FileId;
  readonly filename: string;
  readonly sizeBytes: number;
  readonly etag: string;
}

export interface ErrorLists {
  readonly errorsKey: string;
  /** Null where the list shows them all. */
  readonly file: ErrorFile | null;
}

export interface FoundErrors {
  /** More than the list shows only where a file of all errors is to be made. */
  readonly first: readonly LineError[];
  /** Those behind `first`. */
  readonly rest?: AsyncIterable<LineError>;
}

/**
 * Writes what is wrong with an input file: the list that the Batch shows (a JSON array of LineError) and, where there
 * are more than 1,000 errors, all of them as a File that the list's last entry names.
 */
export async function writeErrorLists(
  objects: Objects,
  batch: Batch,
  found: FoundErrors,
): Promise<ErrorLists> {
  const errorsKey = objectKeys.errors(batch.tenant, batch.id);
  const isLong = found.first.length > MAX_LISTED_ERRORS;
  const all = isLong ? await writeFile(objects, batch, found) : null;
  const data = found.first.slice(0, MAX_LISTED_ERRORS);
  if (all !== null) data.push(moreErrors(all.errors, all.file.id));
  const list = Buffer.from(JSON.stringify(data));
  // Taken: a step that ran before has listed them.
  await objects.putOnce(errorsKey, list, 'application/json');
  return { errorsKey, file: all?.file ?? null };
}

const moreErrors = (errors: number, fileId: FileId): LineError => ({
  code: 'more_errors',
  message: `The first ${MAX_LISTED_ERRORS} of ${errors} errors are listed. All of them are in file ${fileId}.`,
  param: null,
  line: null,
});

/** The id follows from the Batch, so that a step that runs twice makes one File. */
async function writeFile(
  objects: Objects,
  batch: Batch,
  found: FoundErrors,
): Promise<{ readonly file: ErrorFile; readonly errors: number }> {
  const random = createHash('sha256').update(`${batch.id}:errors`).digest('hex');
  const id = newId<FileId>('file-', batch.createdAtMs, random);
  let errors = 0;
  async function* lines(): AsyncGenerator<Uint8Array> {
    for (const error of found.first) yield encode(error);
    for await (const error of found.rest ?? []) yield encode(error);
  }
  const encode = (error: LineError): Uint8Array => {
    errors++;
    return Buffer.from(`${JSON.stringify(error)}\n`);
  };
  const key = objectKeys.file(batch.tenant, id);
  const written = await objects.putOnceStream(key, lines(), 'application/jsonl');
  const stored = written.result === 'taken' ? await objects.head(key) : null;
  const { sizeBytes, etag } = stored ?? written;
  return { file: { id, filename: `${batch.id}_errors.jsonl`, sizeBytes, etag }, errors };
}
