/** An object as the store lists it. */
export interface StoredObject {
  readonly key: string;
  /** By the store's clock; of a multipart upload when it was begun. */
  readonly storedAtMs: number;
}

/** A page of all objects, in order of their keys. */
export interface ObjectPage {
  readonly objects: readonly StoredObject[];
  readonly isLast: boolean;
}

/** Everything that the object store holds. */
export interface StoredObjects {
  /** The objects behind this key, a thousand at most. */
  page(afterKey: string): Promise<ObjectPage>;
}

/** A record as it lies in the table, with what the adapter keeps beside it. */
export interface TableItem {
  readonly pk: string;
  readonly sk: string;
  readonly [field: string]: unknown;
}

/** All records, for commands of an operator: the functions never go through the whole table. */
export interface WholeTable {
  /** Page by page, strongly consistent each, in no order. */
  scan(): AsyncIterable<readonly TableItem[]>;
  remove(keys: readonly Pick<TableItem, 'pk' | 'sk'>[]): Promise<void>;
  /** Puts items of a backup, with revisions far above theirs: no write that was on its way may meet its own again. */
  restore(items: readonly TableItem[]): Promise<void>;
}

export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
  /** What a reader of the key gets. */
  readonly isLatest: boolean;
  /** It says that the object was deleted then. */
  readonly isDeleteMarker: boolean;
  readonly storedAtMs: number;
}

export interface UnfinishedUpload {
  readonly key: string;
  readonly uploadId: string;
}

/** All that a bucket holds, the deleted and the unfinished too. */
export interface ObjectVersions {
  /** Page by page, in order of the keys. */
  list(prefix: string): AsyncIterable<readonly ObjectVersion[]>;
  /** For good. Of a delete marker: the object is there again. */
  remove(versions: readonly Pick<ObjectVersion, 'key' | 'versionId'>[]): Promise<void>;
  unfinished(prefix: string): AsyncIterable<readonly UnfinishedUpload[]>;
  abort(upload: UnfinishedUpload): Promise<void>;
}
