import type { Checksum } from '../body/checksums.ts';
import type { S3Call } from '../call.ts';
import { notImplemented, S3Error } from '../errors.ts';
import { checkCopySourceCondition } from '../preconditions.ts';
import type { StoredObject } from '../store/objects.ts';
import type { S3Store } from '../store/store.ts';
import { renderXml } from '../xml.ts';

/** Finds the object that `x-amz-copy-source` names, on this server; throws where S3 would. */
export function readCopySource(call: S3Call, store: S3Store): StoredObject {
  const header = call.header('x-amz-copy-source') ?? '';
  const [path = '', query] = header.split('?');
  if (query !== undefined) throw notImplemented('versionId in x-amz-copy-source');
  const match = /^\/?([^/]+)\/(.+)$/s.exec(decode(path));
  const [, bucket, key] = match ?? [];
  if (bucket === undefined || key === undefined) throw badSource(header);
  if (store.buckets.corsOf(bucket) === undefined) {
    throw new S3Error('NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket });
  }
  const source = store.objects.get(bucket, key);
  checkCopySourceCondition(call, source);
  return source;
}

export interface CopyResult {
  readonly etag: string;
  readonly lastModifiedAtMs: number;
  readonly checksum?: Checksum;
}

export function renderCopyResult(root: 'CopyObjectResult' | 'CopyPartResult', result: CopyResult): string {
  return renderXml(root, [
    ['LastModified', new Date(result.lastModifiedAtMs).toISOString()],
    ['ETag', `"${result.etag}"`],
    [`Checksum${result.checksum?.algorithm.toUpperCase() ?? ''}`, result.checksum?.value],
  ]);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw badSource(path);
  }
}

function badSource(header: string): S3Error {
  return new S3Error(
    'InvalidArgument',
    'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    { ArgumentName: 'x-amz-copy-source', ArgumentValue: header },
  );
}
