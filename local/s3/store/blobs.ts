import { randomUUID } from 'node:crypto';
import { createReadStream, unlinkSync } from 'node:fs';
import { link, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** An immutable file of object bytes; a row of the database is what makes it part of an object. */
export interface Extent {
  readonly blob: string;
  readonly sizeBytes: number;
}

/** A run of bytes within one blob. */
export interface Slice {
  readonly blob: string;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

export interface BlobWriter {
  readonly blob: string;
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

export interface Blobs {
  create(): Promise<BlobWriter>;
  /** A second name for the same bytes, which lives and dies on its own. */
  link(blob: string): Promise<string>;
  read(slices: readonly Slice[]): AsyncGenerator<Buffer>;
  /** Keeps blobs readable although they are removed meanwhile, until the answer is called. */
  hold(blobs: readonly string[]): () => void;
  remove(blobs: readonly string[]): void;
}

/** Fewer, larger reads than the default of 64 KiB. */
const READ_BYTES = 256 * 1024;

/** Opens the folder of blobs, and removes those that a crash left without a row in the database. */
export async function openBlobs(folder: string, referenced: ReadonlySet<string>): Promise<Blobs> {
  await prepareFolder(folder, referenced);
  const fileOf = (blob: string): string => join(folder, blob.slice(0, 2), blob);
  const holds = trackHolds((blob) => removeFile(fileOf(blob)));
  return {
    create: () => createBlob(fileOf),
    link: async (blob) => {
      const copy = randomUUID();
      await link(fileOf(blob), fileOf(copy));
      return copy;
    },
    read: async function* (slices) {
      for (const { blob, offsetBytes, sizeBytes } of slices) {
        if (sizeBytes === 0) continue;
        const end = offsetBytes + sizeBytes - 1;
        yield* createReadStream(fileOf(blob), { start: offsetBytes, end, highWaterMark: READ_BYTES });
      }
    },
    hold: holds.hold,
    remove: holds.remove,
  };
}

async function createBlob(fileOf: (blob: string) => string): Promise<BlobWriter> {
  const blob = randomUUID();
  const file = await open(fileOf(blob), 'wx');
  return {
    blob,
    write: async (bytes) => {
      for (let written = 0; written < bytes.length; ) {
        written += (await file.write(bytes, written)).bytesWritten;
      }
    },
    close: () => file.close(),
    discard: async () => {
      await file.close();
      await unlink(fileOf(blob));
    },
  };
}

function trackHolds(removeNow: (blob: string) => void): Pick<Blobs, 'hold' | 'remove'> {
  const readers = new Map<string, number>();
  const doomed = new Set<string>();
  const release = (blob: string): void => {
    const left = (readers.get(blob) ?? 0) - 1;
    if (left > 0) {
      readers.set(blob, left);
      return;
    }
    readers.delete(blob);
    if (doomed.delete(blob)) removeNow(blob);
  };
  return {
    hold: (blobs) => {
      for (const blob of blobs) readers.set(blob, (readers.get(blob) ?? 0) + 1);
      return () => blobs.forEach(release);
    },
    remove: (blobs) => {
      for (const blob of blobs) {
        if (readers.has(blob)) doomed.add(blob);
        else removeNow(blob);
      }
    },
  };
}

async function prepareFolder(folder: string, referenced: ReadonlySet<string>): Promise<void> {
  for (let byte = 0; byte < 256; byte += 1) {
    const subfolder = join(folder, byte.toString(16).padStart(2, '0'));
    await mkdir(subfolder, { recursive: true });
    for (const blob of await readdir(subfolder)) {
      if (!referenced.has(blob)) await unlink(join(subfolder, blob));
    }
  }
}

function removeFile(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    // Gone already, say by the user's hand: the row that named it is gone too, so nothing is lost.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
