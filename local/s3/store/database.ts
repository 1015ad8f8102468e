import { DatabaseSync } from 'node:sqlite';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY, created_at_ms INTEGER NOT NULL, cors TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, key TEXT NOT NULL, etag TEXT NOT NULL, size_bytes INTEGER NOT NULL,
    last_modified_at_ms INTEGER NOT NULL, headers TEXT NOT NULL, checksum TEXT, extents TEXT NOT NULL,
    PRIMARY KEY (bucket, key)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, initiated_at_ms INTEGER NOT NULL,
    headers TEXT NOT NULL, checksum_algorithm TEXT
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS uploads_by_key ON uploads (bucket, key, id);
  CREATE TABLE IF NOT EXISTS parts (
    upload_id TEXT NOT NULL, number INTEGER NOT NULL, etag TEXT NOT NULL, size_bytes INTEGER NOT NULL,
    last_modified_at_ms INTEGER NOT NULL, checksum TEXT, blob TEXT NOT NULL,
    PRIMARY KEY (upload_id, number)
  ) WITHOUT ROWID;
`;

/**
 * Opens the metadata of a store; throws when another process holds it. A row is there after `kill -9` once
 * its write returned: only a loss of power can take the last ones (synchronous = NORMAL).
 */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    database.exec(SCHEMA);
  } catch (error) {
    database.close();
    throw new Error(`Could not open ${file}: is another local stack running on this directory?`, {
      cause: error,
    });
  }
  return database;
}

/** Runs `change` as one transaction: all of its writes, or, when it throws, none. */
export function inTransaction<T>(database: DatabaseSync, change: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = change();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
