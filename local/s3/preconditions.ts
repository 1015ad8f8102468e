import type { S3Call } from './call.ts';
import { notImplemented, S3Error } from './errors.ts';

/** The condition of a write on what the key holds, decided in the transaction that would replace it. */
export interface WriteCondition {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: '*';
}

interface CurrentState {
  readonly etag: string;
  readonly lastModifiedAtMs: number;
}

/** Reads a write's condition; S3 knows no `If-None-Match` for a write but `*`. */
export function readWriteCondition(call: S3Call): WriteCondition {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = call.incoming.headers;
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw notImplemented('If-None-Match with anything but *');
  }
  return {
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
  };
}

/** Throws PreconditionFailed, or NoSuchKey for an `If-Match` on a key that holds nothing. */
export function checkWriteCondition(condition: WriteCondition, current: { etag: string } | undefined): void {
  if (condition.ifNoneMatch === '*' && current !== undefined) throw preconditionFailed('If-None-Match');
  if (condition.ifMatch === undefined) return;
  if (current === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  if (!listsEtag(condition.ifMatch, current.etag)) throw preconditionFailed('If-Match');
}

/** Decides GET and HEAD: throws PreconditionFailed (412) or NotModified (304), in the order of RFC 9110, 13.2.2. */
export function checkReadCondition(call: S3Call, current: CurrentState): void {
  const headers = call.incoming.headers;
  const modifiedAtMs = Math.floor(current.lastModifiedAtMs / 1000) * 1000;
  const ifMatch = headers['if-match'];
  if (ifMatch !== undefined) {
    if (!listsEtag(ifMatch, current.etag)) throw preconditionFailed('If-Match');
  } else if (modifiedAtMs > Date.parse(headers['if-unmodified-since'] ?? '')) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) {
    if (listsEtag(ifNoneMatch, current.etag)) throw notModified();
  } else if (modifiedAtMs <= Date.parse(headers['if-modified-since'] ?? '')) {
    throw notModified();
  }
}

/** Decides a copy by its source's ETag; throws PreconditionFailed. */
export function checkCopySourceCondition(call: S3Call, source: CurrentState): void {
  const ifMatch = call.header('x-amz-copy-source-if-match');
  if (ifMatch !== undefined && !listsEtag(ifMatch, source.etag)) {
    throw preconditionFailed('x-amz-copy-source-If-Match');
  }
  const ifNoneMatch = call.header('x-amz-copy-source-if-none-match');
  if (ifNoneMatch !== undefined && listsEtag(ifNoneMatch, source.etag)) {
    throw preconditionFailed('x-amz-copy-source-If-None-Match');
  }
}

function listsEtag(list: string, etag: string): boolean {
  return list.split(',').some((entry) => {
    const text = entry.trim();
    return text === '*' || text.replaceAll('"', '') === etag;
  });
}

function preconditionFailed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    Condition: condition,
  });
}

function notModified(): S3Error {
  return new S3Error('NotModified', 'Not Modified');
}
