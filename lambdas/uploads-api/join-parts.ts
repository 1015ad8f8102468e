import { createHash } from 'node:crypto';
import type { Upload } from '../../core/batch/file.ts';
import { objectKeys } from '../../core/keys.ts';
import type { ObjectInfo, Objects } from '../../core/ports.ts';
import { badRequest } from '../../core/wire/reject-request.ts';

export interface PartsToJoin {
  /** In the order of the file. */
  readonly partIds: readonly string[];
  /** 32 hex digits. */
  readonly md5?: string | undefined;
}

/**
 * Joins parts that came through the API under the File's key and answers its ETag. Rejects where a part is unknown,
 * the size is not the Upload's, the MD5 differs, or the key holds other bytes; nothing is stored then.
 */
export async function joinParts(objects: Objects, upload: Upload, parts: PartsToJoin): Promise<string> {
  const { tenant, id, fileId, sizeBytes } = upload;
  const stored = await objects.list(objectKeys.uploadPart(tenant, id, ''));
  const found = partsInOrder(stored, upload, parts.partIds);
  const sum = found.reduce((bytes, part) => bytes + part.sizeBytes, 0);
  if (sum !== sizeBytes) {
    throw badRequest(
      `The ${found.length} parts have ${sum} bytes together, but Upload ${id} was created with bytes = ${sizeBytes}. Send what is missing and complete with all part_ids, or create an Upload of the right size.`,
      'part_ids',
      null,
    );
  }
  const { result, etag } = await objects.putOnceStream(
    objectKeys.file(tenant, fileId),
    joined(objects, found, parts.md5),
    upload.mimeType,
  );
  if (result !== 'taken') return etag;
  throw badRequest(
    `Other bytes are stored for Upload ${id} already, by its presigned URL or by a completion with other part_ids. Complete it with empty part_ids to keep those, or create a new Upload.`,
    'part_ids',
    null,
  );
}

function partsInOrder(
  stored: readonly ObjectInfo[],
  { tenant, id }: Upload,
  partIds: readonly string[],
): readonly ObjectInfo[] {
  const byKey = new Map(stored.map((info) => [info.key, info]));
  return partIds.map((partId, index) => {
    const info = byKey.get(objectKeys.uploadPart(tenant, id, partId));
    if (info !== undefined) return info;
    throw badRequest(`Upload ${id} has no part ${partId}.`, `part_ids.${index}`, null);
  });
}

/** Fails at its end where the MD5 differs: then the write fails too, and nothing is stored. */
async function* joined(
  objects: Objects,
  parts: readonly ObjectInfo[],
  md5: string | undefined,
): AsyncGenerator<Uint8Array> {
  const digest = createHash('md5');
  for (const { key, etag } of parts) {
    const bytes = await objects.stream(key, etag);
    if (bytes === null) throw new Error(`The part ${key} was removed while it was joined.`);
    for await (const chunk of bytes) {
      digest.update(chunk);
      yield chunk;
    }
  }
  const actual = digest.digest('hex');
  if (md5 === undefined || md5.toLowerCase() === actual) return;
  throw badRequest(
    `The parts have the MD5 ${actual} together, but md5 = ${md5.toLowerCase()} was given. Check the order of part_ids, or send the parts again.`,
    'md5',
    null,
  );
}
