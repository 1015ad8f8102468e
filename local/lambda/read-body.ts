import type { IncomingMessage } from 'node:http';

/**
 * Reads a body, or gives undefined if it is over the limit. One over the limit is still read to its end, and
 * thrown away: a client that is cut off while it sends sees a broken connection and not the answer.
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= limitBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return bytes > limitBytes ? undefined : Buffer.concat(chunks);
}
