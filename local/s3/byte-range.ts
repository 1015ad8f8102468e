import { S3Error } from './errors.ts';
import type { Extent, Slice } from './store/blobs.ts';

export interface ByteRange {
  readonly startBytes: number;
  readonly sizeBytes: number;
}

/**
 * Reads a Range header against an object's size. Undefined means the whole object: S3 ignores a header that
 * it cannot read or that asks for several ranges. Throws InvalidRange when no byte of it exists.
 */
export function readRange(header: string | undefined, objectBytes: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, objectBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? objectBytes - 1 : Math.min(Number(last), objectBytes - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (start > end) {
    throw new S3Error('InvalidRange', 'The requested range is not satisfiable', {
      RangeRequested: header ?? '',
      ActualObjectSize: String(objectBytes),
    });
  }
  return { startBytes: start, sizeBytes: end - start + 1 };
}

/** The pieces of an object's blobs that hold a range of it. */
export function sliceExtents(extents: readonly Extent[], range: ByteRange): readonly Slice[] {
  const slices: Slice[] = [];
  const end = range.startBytes + range.sizeBytes;
  let extentStart = 0;
  for (const { blob, sizeBytes } of extents) {
    const from = Math.max(range.startBytes, extentStart);
    const to = Math.min(end, extentStart + sizeBytes);
    if (to > from) slices.push({ blob, offsetBytes: from - extentStart, sizeBytes: to - from });
    extentStart += sizeBytes;
  }
  return slices;
}
