import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { ModelFiles } from '../../../adapters/aws/model-files.ts';

/** What an answer that never comes is to whoever has this signal. */
export const untilAborted = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('The request was aborted.')));
  });

/** A model bucket in memory, without copying. */
export function memoryFiles() {
  const objects = new Map<string, Buffer>();
  const modelFiles: ModelFiles = {
    async get(key) {
      const body = objects.get(key);
      return body === undefined ? null : Readable.from([body]);
    },
    copy: () => Promise.reject(new Error('Nothing is copied here.')),
    async put(key, file) {
      objects.set(key, readFileSync(file));
    },
  };
  return { modelFiles, objects };
}
