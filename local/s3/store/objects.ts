import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Checksum } from '../body/checksums.ts';
import { S3Error } from '../errors.ts';
import { checkWriteCondition, type WriteCondition } from '../preconditions.ts';
import type { Blobs, Extent } from './blobs.ts';
import { inTransaction } from './database.ts';

/** What a GET gives back as headers: Content-Type and its like, and `x-amz-meta-*`. */
export type ObjectHeaders = Readonly<Record<string, string>>;

export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly lastModifiedAtMs: number;
  readonly headers: ObjectHeaders;
  readonly checksum?: Checksum;
  /** The object's bytes: these blobs, one after the other. */
  readonly extents: readonly Extent[];
}

export interface Objects {
  find(bucket: string, key: string): StoredObject | undefined;
  /** Throws NoSuchKey. */
  get(bucket: string, key: string): StoredObject;
  /** Replaces what the key holds if `condition` allows; `alongside` runs in the same transaction. */
  put(object: StoredObject, condition: WriteCondition, alongside?: () => void): void;
  /** Removes what the key holds, if anything. */
  delete(bucket: string, key: string, condition: WriteCondition): void;
  /** Every blob that an object is made of. */
  blobs(): Iterable<string>;
}

/** Opens the table of objects; a row's commit is the moment at which an object is there. */
export function openObjects(database: DatabaseSync, removeBlobs: Blobs['remove']): Objects {
  const select = database.prepare('SELECT * FROM objects WHERE bucket = ? AND key = ?');
  const replace = database.prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM objects WHERE bucket = ? AND key = ?');
  const allExtents = database.prepare('SELECT extents FROM objects');
  const find = (bucket: string, key: string): StoredObject | undefined => {
    const row = select.get(bucket, key);
    return row === undefined ? undefined : readRow(row);
  };
  const change = (bucket: string, key: string, condition: WriteCondition, write: () => void): void => {
    const previous = inTransaction(database, () => {
      const current = find(bucket, key);
      checkWriteCondition(condition, current);
      write();
      return current;
    });
    if (previous !== undefined) removeBlobs(previous.extents.map(({ blob }) => blob));
  };
  return {
    find,
    get: (bucket, key) => {
      const object = find(bucket, key);
      if (object === undefined)
        throw new S3Error('NoSuchKey', 'The specified key does not exist.', { Key: key });
      return object;
    },
    put: (object, condition, alongside) =>
      change(object.bucket, object.key, condition, () => {
        replace.run(...writeRow(object));
        alongside?.();
      }),
    delete: (bucket, key, condition) => change(bucket, key, condition, () => void remove.run(bucket, key)),
    blobs: function* () {
      for (const row of allExtents.iterate()) yield* readExtents(row).map(({ blob }) => blob);
    },
  };
}

function writeRow(object: StoredObject) {
  return [
    object.bucket,
    object.key,
    object.etag,
    object.sizeBytes,
    object.lastModifiedAtMs,
    JSON.stringify(object.headers),
    object.checksum === undefined ? null : JSON.stringify(object.checksum),
    JSON.stringify(object.extents),
  ] as const;
}

function readRow(row: Record<string, SQLOutputValue>): StoredObject {
  const checksum = row['checksum'];
  return {
    bucket: String(row['bucket']),
    key: String(row['key']),
    etag: String(row['etag']),
    sizeBytes: Number(row['size_bytes']),
    lastModifiedAtMs: Number(row['last_modified_at_ms']),
    headers: JSON.parse(String(row['headers'])) as ObjectHeaders,
    ...(typeof checksum === 'string' ? { checksum: JSON.parse(checksum) as Checksum } : {}),
    extents: readExtents(row),
  };
}

function readExtents(row: Record<string, SQLOutputValue>): readonly Extent[] {
  return JSON.parse(String(row['extents'])) as Extent[];
}
