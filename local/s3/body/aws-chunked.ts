import { createHash } from 'node:crypto';
import { S3Error } from '../errors.ts';
import type { ChunkSigner } from '../signature/chunks.ts';
import { type ByteReader, readBytes } from './byte-reader.ts';

export interface ChunkedOptions {
  /** @default - chunks carry no signatures */
  readonly signer?: ChunkSigner | undefined;
  /** Called once with the trailing headers, names in lower case, before the last read returns. */
  readonly onTrailers: (trailers: ReadonlyMap<string, string>) => void;
}

/** A chunk's size in hexadecimal, and its signature of 64 digits, with room to spare. */
const MAX_LINE_BYTES = 1024;

const MAX_TRAILERS = 8;

const SIGNATURE_TRAILER = 'x-amz-trailer-signature';

/**
 * Decodes the `aws-chunked` content coding (S3 API reference, "Signature Calculations for the Authorization
 * Header: Transferring Payload in Multiple Chunks"); throws IncompleteBody for what is cut or malformed.
 */
export async function* decodeAwsChunked(
  source: AsyncIterator<Buffer>,
  options: ChunkedOptions,
): AsyncGenerator<Buffer> {
  try {
    yield* decode(readBytes(source), options);
  } finally {
    // Lets go of the stream, so that what is left of a refused body can still be read off the connection.
    await source.return?.();
  }
}

async function* decode(reader: ByteReader, options: ChunkedOptions): AsyncGenerator<Buffer> {
  for (;;) {
    const header = /^([\da-f]{1,12})(?:;chunk-signature=([\da-f]{64}))?$/i.exec(await requireLine(reader));
    if (header === null) throw malformed();
    const sizeBytes = Number.parseInt(header[1] ?? '', 16);
    const hash = options.signer === undefined ? undefined : createHash('sha256');
    for (let leftBytes = sizeBytes; leftBytes > 0; ) {
      const bytes = await reader.bytes(leftBytes);
      if (bytes === undefined) throw malformed();
      leftBytes -= bytes.length;
      hash?.update(bytes);
      yield bytes;
    }
    if (hash !== undefined) options.signer?.verifyChunk(header[2], hash.digest('hex'));
    if (sizeBytes === 0) break;
    if ((await requireLine(reader)) !== '') throw malformed();
  }
  options.onTrailers(await readTrailers(reader, options.signer));
}

async function readTrailers(
  reader: ByteReader,
  signer: ChunkSigner | undefined,
): Promise<ReadonlyMap<string, string>> {
  const trailers = new Map<string, string>();
  // The last chunk's empty line may be left out when nothing follows, so the end of the stream ends it too.
  for (let line = await reader.line(MAX_LINE_BYTES); line !== undefined && line !== ''; ) {
    const colon = line.indexOf(':');
    if (colon < 1 || trailers.size === MAX_TRAILERS) {
      throw new S3Error(
        'MalformedTrailerError',
        'The request contained trailing data that was not well-formed.',
      );
    }
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    line = await reader.line(MAX_LINE_BYTES);
  }
  const signature = trailers.get(SIGNATURE_TRAILER);
  trailers.delete(SIGNATURE_TRAILER);
  if (signer !== undefined && trailers.size > 0) {
    signer.verifyTrailer(signature, [...trailers].map(([name, value]) => `${name}:${value}\n`).join(''));
  }
  return trailers;
}

async function requireLine(reader: ByteReader): Promise<string> {
  const line = await reader.line(MAX_LINE_BYTES);
  if (line === undefined) throw malformed();
  return line;
}

function malformed(): S3Error {
  return new S3Error('IncompleteBody', 'The request body terminated unexpectedly');
}
