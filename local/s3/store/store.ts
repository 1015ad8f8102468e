import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Blobs, openBlobs } from './blobs.ts';
import { type Buckets, openBuckets } from './buckets.ts';
import { openDatabase } from './database.ts';
import { type ListObjects, openListing } from './listing.ts';
import { type Objects, openObjects } from './objects.ts';
import { openUploads, type Uploads } from './uploads.ts';

/** All that the server keeps. Bytes are written before the row that names them, and removed after it. */
export interface S3Store {
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly uploads: Uploads;
  readonly blobs: Blobs;
  readonly listObjects: ListObjects;
  readonly nowMs: () => number;
  close(): void;
}

/** Opens or makes a store; throws when another process has the directory open. */
export async function openStore(directory: string, nowMs: () => number): Promise<S3Store> {
  await mkdir(directory, { recursive: true });
  const database = openDatabase(join(directory, 'metadata.sqlite'));
  const removeBlobs: Blobs['remove'] = (removed) => blobs.remove(removed);
  const objects = openObjects(database, removeBlobs);
  const uploads = openUploads(database, removeBlobs);
  const referenced = new Set([...objects.blobs(), ...uploads.blobs()]);
  const blobs = await openBlobs(join(directory, 'blobs'), referenced);
  return {
    buckets: openBuckets(database),
    objects,
    uploads,
    blobs,
    listObjects: openListing(database),
    nowMs,
    close: () => database.close(),
  };
}
