import type { Presigner } from '../../core/batch/presigner.ts';
import type { MemoryObjects } from './objects.ts';

export interface MemoryPresigner extends Presigner {
  /** Sends bytes to a presigned URL as a client does; false where the key is taken or the upload gone. */
  send(url: string, body: Uint8Array): boolean;
  /** Multipart uploads that were neither completed nor aborted. */
  open(): readonly string[];
}

const ORIGIN = 'http://objects.test/';

/** Presigned URLs that put into objects in memory. The signed length is not enforced. */
export function memoryPresigner(objects: MemoryObjects): MemoryPresigner {
  const uploads = new Map<string, Map<number, Uint8Array>>();
  let made = 0;
  const urlOf = (key: string, query: Readonly<Record<string, string>> = {}): string =>
    `${ORIGIN}${key}?${new URLSearchParams(query)}`;

  return {
    open: () => [...uploads.keys()],
    async put(key, sizeBytes) {
      return { url: urlOf(key), headers: { 'if-none-match': '*', 'content-length': String(sizeBytes) } };
    },
    get: async (key, filename) => urlOf(key, { filename }),
    async createMultipart() {
      const id = `s3-upload-${++made}`;
      uploads.set(id, new Map());
      return id;
    },
    part: async (key, s3UploadId, { number, sizeBytes }) => ({
      url: urlOf(key, { uploadId: s3UploadId, part: String(number) }),
      headers: { 'content-length': String(sizeBytes) },
    }),
    async completeMultipart(key, s3UploadId, count) {
      const parts = uploads.get(s3UploadId);
      if (parts === undefined) return 'gone';
      if (parts.size < count) return 'incomplete';
      const inOrder = [...parts].sort(([a], [b]) => a - b).map(([, body]) => body);
      const answer = await objects.putOnce(key, Uint8Array.from(Buffer.concat(inOrder)));
      if (answer !== 'stored') return 'gone';
      uploads.delete(s3UploadId);
      return 'completed';
    },
    async abortMultipart(_key, s3UploadId) {
      uploads.delete(s3UploadId);
    },
    send(url, body) {
      const { pathname, searchParams } = new URL(url);
      const id = searchParams.get('uploadId');
      if (id !== null) return uploads.get(id)?.set(Number(searchParams.get('part')), body) !== undefined;
      const key = pathname.slice(1);
      if (objects.peek(key) !== null) return false;
      objects.put(key, body);
      return true;
    },
  };
}
