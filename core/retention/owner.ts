import type { BatchId, FileId, TenantId, UploadId } from '../ids.ts';
import { OBJECT_ROOTS } from '../keys.ts';

/** Whose an object is: as long as that lives, so does the object. */
export type Owner =
  | { readonly kind: 'file'; readonly tenant: TenantId; readonly id: FileId }
  /** Plans, manifest and errors of a Batch. */
  | { readonly kind: 'batch'; readonly tenant: TenantId; readonly id: BatchId }
  /** Shard objects and Segments of a Batch. */
  | { readonly kind: 'run'; readonly tenant: TenantId; readonly id: BatchId }
  | { readonly kind: 'upload'; readonly tenant: TenantId; readonly id: UploadId };

/** The owner that a key names; null: it is none of ours, and nobody here may delete it. */
export function ownerOf(key: string): Owner | null {
  const root = Object.values(OBJECT_ROOTS).find((each) => key.startsWith(each));
  if (root === undefined) return null;
  const [tenantText = '', ...rest] = key.slice(root.length).split('/');
  const tenant = tenantText as TenantId;
  const [first = '', second = ''] = rest;
  if (tenant === '' || first === '' || second === '') return null;
  switch (root) {
    case OBJECT_ROOTS.runs:
      return { kind: 'run', tenant, id: first as BatchId };
    case OBJECT_ROOTS.uploads:
      return { kind: 'upload', tenant, id: first as UploadId };
    case OBJECT_ROOTS.kept:
      if (first === 'files') return { kind: 'file', tenant, id: second as FileId };
      return first === 'batches' ? { kind: 'batch', tenant, id: second as BatchId } : null;
    default:
      return root satisfies never;
  }
}
