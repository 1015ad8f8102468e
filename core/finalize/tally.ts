import { createHash } from 'node:crypto';
import { stringEnd } from '../intake/body-span.ts';
import { hashId, idDigest } from './id-digest.ts';
import type { ResultChunk } from './result-chunks.ts';

/** What a final file holds, counted while it was written. */
export interface Tally {
  readonly lines: number;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly idSum: bigint;
}

/** Passes chunks on as they are and counts them: lines, bytes, SHA-256, and the custom_ids that the lines name. */
export function tallied(chunks: AsyncIterable<ResultChunk>) {
  const content = createHash('sha256');
  const ids = idDigest();
  let lines = 0;
  let sizeBytes = 0;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      for (const line of chunk) {
        content.update(line);
        ids.add(hashId(customIdOf(line)));
        lines++;
        sizeBytes += line.length;
        yield line;
      }
    }
  }
  return {
    bytes,
    /** After the last byte. */
    end: (): Tally => ({ lines, sizeBytes, sha256: content.digest('hex'), idSum: ids.sum() }),
  };
}

const HEAD = /^\{"id":"batch_req_[0-9a-f]{32}","custom_id":$/;
const HEAD_BYTES = '{"id":"batch_req_","custom_id":'.length + 32;
const LINE_END = 0x0a;

/** The custom_id that a result line names, read from its head: parsing megabytes of embeddings would take minutes. */
export function customIdOf(line: Uint8Array): string {
  const head = Buffer.from(line.subarray(0, HEAD_BYTES)).toString('latin1');
  if (!HEAD.test(head) || line.at(-1) !== LINE_END)
    throw new Error('A Segment holds what is not a result line.');
  return JSON.parse(Buffer.from(line.subarray(HEAD_BYTES, stringEnd(line, HEAD_BYTES))).toString()) as string;
}
