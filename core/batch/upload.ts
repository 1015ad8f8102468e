import type { FileId } from '../ids.ts';
import type { MultiChange } from '../ports.ts';
import { type Change, keep, put } from '../records.ts';
import { DAY_MS, type FileRetention } from '../retention/retention.ts';
import type { StoredFile, Upload } from './file.ts';
import { fileExpiry } from './file-life.ts';

const MiB = 1024 * 1024;

/** As at OpenAI: 8 GB. */
export const MAX_UPLOAD_BYTES = 8 * 1024 * MiB;
/** As at OpenAI, and as long as the presigned URLs hold. */
export const UPLOAD_LIFE_MS = 3_600_000;
/** From its creation on: a client that has lost an answer may still learn what became of it. */
export const UPLOAD_MEMORY_MS = 2 * DAY_MS;
/** Up to here one PUT: after a failure as much has to be sent again. */
const MAX_PUT_BYTES = 100 * MiB;
/** 8 GB in 512 parts: their URLs, of up to 2 KB each, stay well below the 6 MB of an answer. */
const PART_BYTES = 16 * MiB;
/**
 * Parts that came through the API are joined while the client waits: within the 29 s of the gateway a function that
 * reads and writes 50 MB/s passes on 1.4 GB.
 */
export const MAX_JOINED_BYTES = 1024 * MiB;

/** How many presigned parts an Upload of this size has, and of what size; null: one PUT will do. */
export function presignedParts(
  sizeBytes: number,
): { readonly partBytes: number; readonly parts: number } | null {
  if (sizeBytes <= MAX_PUT_BYTES) return null;
  return { partBytes: PART_BYTES, parts: Math.ceil(sizeBytes / PART_BYTES) };
}

/** Only an Upload that is neither completed nor cancelled expires. */
export const isExpired = ({ status, expiresAtMs }: Upload, nowMs: number): boolean =>
  status === 'pending' && expiresAtMs <= nowMs;

/** The bytes of an Upload as they lie under its File's key. */
export interface UploadedBytes {
  readonly etag: string;
  readonly nowMs: number;
  readonly retention: FileRetention;
}

export type CompleteResult =
  | { readonly kind: 'completed'; readonly upload: Upload; readonly file: StoredFile | null }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'gone' };

/** Completes the Upload and makes its File, both or neither; one that is completed stays as it is. */
export function completeUpload(
  [upload, file]: readonly [Upload | null, StoredFile | null],
  bytes: UploadedBytes,
): MultiChange<CompleteResult> {
  if (upload === null) return { writes: [], result: { kind: 'gone' } };
  switch (upload.status) {
    case 'cancelled':
      return { writes: [], result: { kind: 'cancelled' } };
    case 'completed':
      return { writes: [], result: { kind: 'completed', upload, file } };
    case 'pending': {
      const completed: Upload = { ...upload, status: 'completed' };
      const made = fileOf(upload, upload.fileId, bytes);
      return {
        writes: [completed, made],
        result: { kind: 'completed', upload: completed, file: made },
      };
    }
    default:
      return upload.status satisfies never;
  }
}

const fileOf = (upload: Upload, id: FileId, { etag, nowMs, retention }: UploadedBytes): StoredFile => ({
  tenant: upload.tenant,
  id,
  sizeBytes: upload.sizeBytes,
  etag,
  filename: upload.filename,
  purpose: upload.purpose,
  createdAtMs: nowMs,
  ...fileExpiry(upload.purpose, { nowMs, lifeSeconds: upload.fileExpiresAfterSeconds, retention }),
  pinnedBy: [],
});

export type CancelResult =
  | { readonly kind: 'cancelled'; readonly upload: Upload }
  | { readonly kind: 'completed' | 'gone' };

/** Cancels an Upload that is pending; one that is cancelled stays so. */
export function cancelUpload(upload: Upload | null): Change<Upload, CancelResult> {
  if (upload === null) return keep({ kind: 'gone' });
  switch (upload.status) {
    case 'completed':
      return keep({ kind: 'completed' });
    case 'cancelled':
      return keep({ kind: 'cancelled', upload });
    case 'pending': {
      const cancelled: Upload = { ...upload, status: 'cancelled' };
      return put(cancelled, { kind: 'cancelled', upload: cancelled });
    }
    default:
      return upload.status satisfies never;
  }
}
