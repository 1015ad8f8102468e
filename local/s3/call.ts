import type { IncomingMessage, ServerResponse } from 'node:http';
import { S3Error } from './errors.ts';
import type { Payload } from './signature/payload.ts';

/** One HTTP request as S3 reads it: path-style address, decoded parameters, headers. */
export interface S3Call {
  readonly method: string;
  /** Decoded, with its leading slash. */
  readonly path: string;
  readonly bucket: string;
  /** Empty for a call on the bucket itself. */
  readonly key: string;
  readonly query: readonly QueryParameter[];
  readonly requestId: string;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  /** Tells a client that waits for `100 Continue` to send its body; called once, before the first read. */
  beginBody(): void;
  parameter(name: string): string | undefined;
  /** A header, or the `x-amz-*` query parameter into which a presigner moved it. */
  header(name: string): string | undefined;
}

/** A call whose signature was verified. */
export interface AuthorizedCall extends S3Call {
  readonly payload: Payload;
  /** The region that the client signed for. */
  readonly region: string;
}

export type QueryParameter = readonly [name: string, value: string];

const MAX_KEY_BYTES = 1024;

export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Tells a client that waits for `100 Continue` to send its body. */
  readonly beginBody: () => void;
}

/** Reads the address of a request; throws InvalidURI or KeyTooLongError. */
export function parseCall(exchange: Exchange): S3Call {
  const { incoming, response } = exchange;
  const [rawPath = '/', rawQuery = ''] = splitOnce(incoming.url ?? '/', '?');
  const path = decode(rawPath);
  const [bucket, key = ''] = splitOnce(path.slice(1), '/');
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new S3Error('KeyTooLongError', 'Your key is too long', {
      Size: String(Buffer.byteLength(key)),
      MaxSizeAllowed: String(MAX_KEY_BYTES),
    });
  }
  const query = rawQuery === '' ? [] : rawQuery.split('&').map(parseParameter);
  const parameter = (name: string) => query.find(([candidate]) => candidate === name)?.[1];
  return {
    method: incoming.method ?? 'GET',
    path,
    bucket,
    key,
    query,
    requestId: exchange.requestId,
    incoming,
    response,
    beginBody: exchange.beginBody,
    parameter,
    header: (name) => {
      const value = incoming.headers[name];
      if (value !== undefined) return Array.isArray(value) ? value.join(',') : value;
      if (!name.startsWith('x-amz-')) return undefined;
      return query.find(([candidate]) => candidate.toLowerCase() === name)?.[1];
    },
  };
}

function parseParameter(raw: string): QueryParameter {
  const [name, value = ''] = splitOnce(raw, '=');
  return [decode(name), decode(value)];
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.");
  }
}
