import type { BatchId, FileId, TenantId, UploadId } from '../ids.ts';

export type FilePurpose =
  | 'assistants'
  | 'batch'
  | 'batch_output'
  | 'fine-tune'
  | 'vision'
  | 'user_data'
  | 'evals';

/** The File record; its bytes are the object at `objectKeys.file(tenant, id)`. */
export interface StoredFile {
  readonly tenant: TenantId;
  readonly id: FileId;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly filename: string;
  readonly purpose: FilePurpose;
  readonly createdAtMs: number;
  /** @default - it does not expire */
  readonly expiresAtMs?: number;
  /** Batches that still have to read it; delete answers 409 and expiry waits while there is one. */
  readonly pinnedBy: readonly BatchId[];
}

/** How the bytes of an Upload come: the SDK's parts through the API, one presigned PUT, or presigned parts. */
export type UploadTransfer =
  | { readonly kind: 'put' }
  | {
      readonly kind: 'multipart';
      readonly s3UploadId: string;
      readonly partBytes: number;
      readonly parts: number;
    };

/** The Upload record. */
export interface Upload {
  readonly tenant: TenantId;
  readonly id: UploadId;
  readonly fileId: FileId;
  readonly filename: string;
  readonly purpose: FilePurpose;
  readonly sizeBytes: number;
  readonly mimeType: string;
  readonly createdAtMs: number;
  /** One hour after creation. */
  readonly expiresAtMs: number;
  /** @default - the File does not expire */
  readonly fileExpiresAfterSeconds?: number;
  readonly transfer: UploadTransfer;
  readonly status: 'pending' | 'completed' | 'cancelled';
  readonly forgetAtMs: number;
}
