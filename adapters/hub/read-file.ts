import type { FileSource } from '../../core/models/ports.ts';
import { type HubOptions, requestHub } from './hub-request.ts';
import { pause } from './pause.ts';

/** A file's bytes from its first to its last. Where the connection breaks, it asks for the rest. */
export async function* readFile(
  options: HubOptions,
  source: FileSource,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { path, bytes } = source.file;
  let received = 0;
  for (let tries = 1; received < bytes; tries++) {
    try {
      for await (const chunk of await open(options, source, { start: received, signal })) {
        received += chunk.length;
        tries = 1;
        yield chunk;
      }
      if (received < bytes) throw new Error(`${path} ended after ${received} of ${bytes} bytes.`);
    } catch (failure) {
      const error = failure instanceof TypeError ? brokenAt(path, received, failure) : failure;
      await pause(options, { error, tries, signal });
    }
  }
}

/** `fetch` says of a body that broke off only that it was terminated. */
const brokenAt = (path: string, received: number, cause: Error): Error =>
  new Error(`${path}: the connection broke after ${received} bytes. Run the command again.`, { cause });

async function open(
  options: HubOptions,
  { repository, commit, file }: FileSource,
  { start, signal }: { readonly start: number; readonly signal: AbortSignal },
): Promise<AsyncIterable<Uint8Array>> {
  const answer = await requestHub(options, {
    path: `/${repository}/resolve/${commit}/${file.path.split('/').map(encodeURIComponent).join('/')}`,
    repository,
    revision: commit,
    // The digest is of the bytes as they are stored.
    headers: { 'accept-encoding': 'identity', ...(start > 0 && { range: `bytes=${start}-` }) },
    signal,
  });
  if (start > 0 && answer.status !== 206) {
    await answer.body?.cancel();
    throw new Error(`${file.path}: the hub does not go on at byte ${start}. Run the command again.`);
  }
  return answer.body ?? noBytes();
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}
