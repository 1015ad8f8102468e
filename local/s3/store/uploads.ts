import { randomBytes } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { type Checksum, type ChecksumAlgorithm, readAlgorithm } from '../body/checksums.ts';
import { S3Error } from '../errors.ts';
import type { Blobs } from './blobs.ts';
import { inTransaction } from './database.ts';
import type { ObjectHeaders } from './objects.ts';

/** A multipart upload that was begun and is neither complete nor aborted. */
export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedAtMs: number;
  readonly headers: ObjectHeaders;
  readonly checksumAlgorithm?: ChecksumAlgorithm;
}

export interface StoredPart {
  readonly number: number;
  /** Without quotes. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly lastModifiedAtMs: number;
  readonly checksum?: Checksum;
  readonly blob: string;
}

export interface Uploads {
  create(upload: Omit<Upload, 'id'>): Upload;
  /** Throws NoSuchUpload, also for an id that belongs to another key. */
  get(bucket: string, key: string, id: string): Upload;
  /** Replaces the part of this number; throws NoSuchUpload when the upload ended meanwhile. */
  putPart(upload: Upload, part: StoredPart): void;
  parts(id: string): readonly StoredPart[];
  /** Deletes the rows alone: for use within the transaction that completes the upload. */
  deleteRows(id: string): void;
  /** Deletes an upload and the bytes of its parts. */
  abort(id: string): void;
  list(bucket: string): readonly Upload[];
  /** Every blob that a part is made of. */
  blobs(): Iterable<string>;
}

function prepareStatements(database: DatabaseSync) {
  return {
    insert: database.prepare('INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?)'),
    select: database.prepare('SELECT * FROM uploads WHERE id = ?'),
    selectAll: database.prepare('SELECT * FROM uploads WHERE bucket = ? ORDER BY key, initiated_at_ms, id'),
    selectParts: database.prepare('SELECT * FROM parts WHERE upload_id = ? ORDER BY number'),
    selectPart: database.prepare('SELECT blob FROM parts WHERE upload_id = ? AND number = ?'),
    replacePart: database.prepare('INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)'),
    deleteUpload: database.prepare('DELETE FROM uploads WHERE id = ?'),
    deleteParts: database.prepare('DELETE FROM parts WHERE upload_id = ?'),
    allBlobs: database.prepare('SELECT blob FROM parts'),
  };
}

/** Opens the tables of multipart uploads and their parts. */
export function openUploads(database: DatabaseSync, removeBlobs: Blobs['remove']): Uploads {
  const statements = prepareStatements(database);
  const parts = (id: string): readonly StoredPart[] => statements.selectParts.all(id).map(readPart);
  const deleteRows = (id: string): void => {
    statements.deleteUpload.run(id);
    statements.deleteParts.run(id);
  };
  return {
    create: (upload) => {
      const id = randomBytes(24).toString('base64url');
      const { bucket, key, initiatedAtMs, headers, checksumAlgorithm } = upload;
      statements.insert.run(
        id,
        bucket,
        key,
        initiatedAtMs,
        JSON.stringify(headers),
        checksumAlgorithm ?? null,
      );
      return { id, ...upload };
    },
    get: (bucket, key, id) => {
      const row = statements.select.get(id);
      const upload = row === undefined ? undefined : readUpload(row);
      if (upload?.bucket !== bucket || upload.key !== key) throw noSuchUpload(id);
      return upload;
    },
    putPart: ({ id }, part) => {
      const replaced = inTransaction(database, () => {
        if (statements.select.get(id) === undefined) throw noSuchUpload(id);
        const previous = statements.selectPart.get(id, part.number);
        statements.replacePart.run(id, ...writePart(part));
        return previous;
      });
      if (replaced !== undefined) removeBlobs([String(replaced['blob'])]);
    },
    parts,
    deleteRows,
    abort: (id) => {
      const blobs = parts(id).map(({ blob }) => blob);
      inTransaction(database, () => deleteRows(id));
      removeBlobs(blobs);
    },
    list: (bucket) => statements.selectAll.all(bucket).map(readUpload),
    blobs: function* () {
      for (const row of statements.allBlobs.iterate()) yield String(row['blob']);
    },
  };
}

function readUpload(row: Record<string, SQLOutputValue>): Upload {
  const algorithm = row['checksum_algorithm'];
  return {
    id: String(row['id']),
    bucket: String(row['bucket']),
    key: String(row['key']),
    initiatedAtMs: Number(row['initiated_at_ms']),
    headers: JSON.parse(String(row['headers'])) as ObjectHeaders,
    ...(typeof algorithm === 'string' ? { checksumAlgorithm: readAlgorithm(algorithm) } : {}),
  };
}

function writePart(part: StoredPart) {
  return [
    part.number,
    part.etag,
    part.sizeBytes,
    part.lastModifiedAtMs,
    part.checksum === undefined ? null : JSON.stringify(part.checksum),
    part.blob,
  ] as const;
}

function readPart(row: Record<string, SQLOutputValue>): StoredPart {
  const checksum = row['checksum'];
  return {
    number: Number(row['number']),
    etag: String(row['etag']),
    sizeBytes: Number(row['size_bytes']),
    lastModifiedAtMs: Number(row['last_modified_at_ms']),
    ...(typeof checksum === 'string' ? { checksum: JSON.parse(checksum) as Checksum } : {}),
    blob: String(row['blob']),
  };
}

function noSuchUpload(id: string): S3Error {
  return new S3Error(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { UploadId: id },
  );
}
