import { z } from 'zod';
import type { FilePurpose, StoredFile } from '../batch/file.ts';
import { pageFields } from './list.ts';
import { RejectRequest } from './reject-request.ts';

/** A File on the wire (OpenAI `OpenAIFile`). */
export interface FileObject {
  readonly id: string;
  readonly object: 'file';
  readonly bytes: number;
  readonly created_at: number;
  readonly expires_at?: number;
  readonly filename: string;
  readonly purpose: FilePurpose;
  /** Deprecated, but clients wait for it (`files.waitForProcessing`). */
  readonly status: 'processed';
}

export const unixSeconds = (atMs: number): number => Math.floor(atMs / 1000);

/** The File object that every route answers. */
export const toFileObject = (file: StoredFile): FileObject => ({
  id: file.id,
  object: 'file',
  bytes: file.sizeBytes,
  created_at: unixSeconds(file.createdAtMs),
  ...(file.expiresAtMs === undefined ? {} : { expires_at: unixSeconds(file.expiresAtMs) }),
  filename: file.filename,
  purpose: file.purpose,
  status: 'processed',
});

/** What a client may say that a file is for; `batch_output` is ours to give. */
export const filePurpose = z.enum(['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals']);

/** `expires_after.seconds` (OpenAI `FileExpirationAfter`): an hour to 30 days. */
const LIFE_SECONDS = { min: 3600, max: 2_592_000 };
const expiresAfterOf = <Seconds extends z.ZodType<number>>(seconds: Seconds) =>
  z.object({ anchor: z.literal('created_at'), seconds });

/** `expires_after` in a JSON body. */
export const expiresAfter = expiresAfterOf(z.number().int().min(LIFE_SECONDS.min).max(LIFE_SECONDS.max));

/** The fields beside the file of `POST /v1/files`; a form's numbers come as text. */
export const createFileFields = z.object({
  purpose: filePurpose,
  expires_after: expiresAfterOf(
    z.coerce.number().int().min(LIFE_SECONDS.min).max(LIFE_SECONDS.max),
  ).optional(),
});

/** The query of `GET /v1/files`. */
export const listFilesQuery = z.object({
  purpose: z.string().optional(),
  order: z.enum(['asc', 'desc']).default('desc'),
  ...pageFields({ defaultLimit: 10_000, maxLimit: 10_000, idPrefix: 'file-' }),
});

/** The same for a File that never was, one that is gone and one of another tenant. */
export const noSuchFile = (id: string): RejectRequest =>
  new RejectRequest({ status: 404, message: `No such File object: ${id}`, param: 'id' });
