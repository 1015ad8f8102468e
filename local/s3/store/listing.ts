import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';

export interface ListQuery {
  readonly bucket: string;
  readonly prefix: string;
  /** Empty for none. */
  readonly delimiter: string;
  /** Only what sorts after this; empty for all. */
  readonly after: string;
  readonly maxEntries: number;
}

export type ListEntry =
  | {
      readonly kind: 'object';
      readonly key: string;
      readonly etag: string;
      readonly sizeBytes: number;
      readonly lastModifiedAtMs: number;
    }
  | { readonly kind: 'prefix'; readonly prefix: string };

export interface ListPage {
  readonly entries: readonly ListEntry[];
  /** From where the next page goes on. @default - there is nothing more */
  readonly nextAfter?: string;
}

export type ListObjects = (query: ListQuery) => ListPage;

/** The highest code point: no key is expected to use it, so it ends the range of keys with a prefix. */
const LAST = '\u{10ffff}';

/** Lists keys in UTF-8's byte order, which SQLite's own order of text is. */
export function openListing(database: DatabaseSync): ListObjects {
  const select = database.prepare(
    `SELECT key, etag, size_bytes, last_modified_at_ms FROM objects
     WHERE bucket = ? AND key > ? AND key >= ? AND key < ? ORDER BY key`,
  );
  return (query) => {
    const end = query.prefix + LAST;
    const entries: ListEntry[] = [];
    let after = query.after;
    for (let isOver = false; !isOver; ) {
      isOver = true;
      for (const row of select.iterate(query.bucket, after, query.prefix, end)) {
        if (entries.length === query.maxEntries) return { entries, nextAfter: after };
        const entry = entryOf(row, query);
        entries.push(entry);
        if (entry.kind === 'prefix') {
          // Seeks past all that the common prefix stands for, however many keys that is.
          after = entry.prefix + LAST;
          isOver = false;
          break;
        }
        after = entry.key;
      }
    }
    return { entries };
  };
}

function entryOf(row: Record<string, SQLOutputValue>, query: ListQuery): ListEntry {
  const key = String(row['key']);
  const cut = query.delimiter === '' ? -1 : key.indexOf(query.delimiter, query.prefix.length);
  if (cut >= 0) return { kind: 'prefix', prefix: key.slice(0, cut + query.delimiter.length) };
  return {
    kind: 'object',
    key,
    etag: String(row['etag']),
    sizeBytes: Number(row['size_bytes']),
    lastModifiedAtMs: Number(row['last_modified_at_ms']),
  };
}
