import { chooseFiles } from './choose-files.ts';
import { eachAtOnce } from './each-at-once.ts';
import { MANIFEST_FILE } from './layout.ts';
import { type ModelManifest, modelManifestSchema } from './manifest.ts';
import type { ModelHub, ModelUploads, PullListener } from './ports.ts';
import type { RepositoryFile } from './repository-file.ts';
import { verifyBytes } from './verify-bytes.ts';

export interface PullDeps {
  readonly hub: ModelHub;
  readonly uploads: ModelUploads;
  readonly listener: PullListener;
  readonly signal: AbortSignal;
}
export interface PullRequest {
  readonly repository: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  /** Where a commit goes in the bucket; ends with a slash. */
  readonly folder: (commit: string) => string;
  /** Also what an engine does not load. */
  readonly everything: boolean;
}

/** Each file holds the parts in memory that are on their way to S3. */
const FILES_AT_ONCE = 4;

/**
 * Copies one commit of a repository into the model bucket, the manifest last, and answers the commit. What the bucket
 * holds already stays, so an interrupted pull goes on where it was.
 */
export async function pullRepository(deps: PullDeps, request: PullRequest): Promise<string> {
  const { hub, uploads, listener, signal } = deps;
  const { repository } = request;
  const commit = await hub.commitOf(repository, request.revision);
  const { taken, leftOut } = chooseFiles(await hub.filesOf(repository, commit), request.everything);
  if (taken.length === 0) throw new Error(`${repository} has no files at ${commit}.`);
  listener.chosen({ repository, commit, files: taken, leftOut });
  const manifest = manifestOf(repository, commit, taken);
  const folder = request.folder(commit);
  await eachAtOnce(taken, { limit: FILES_AT_ONCE, signal }, async (file, stopped) => {
    const key = `${folder}${file.path}`;
    if (await uploads.holds(key, file)) return listener.settled(file, 'kept');
    const body = counted(hub.read({ repository, commit, file }, stopped), listener);
    await uploads.store(key, file, verifyBytes(file, body));
    listener.settled(file, 'stored');
  });
  await uploads.storeText(`${folder}${MANIFEST_FILE}`, `${JSON.stringify(manifest, null, 2)}\n`);
  return commit;
}

/** Parsed before anything is fetched: it refuses paths that lead elsewhere. */
function manifestOf(repository: string, revision: string, files: readonly RepositoryFile[]): ModelManifest {
  return modelManifestSchema.parse({
    repository,
    revision,
    files: files.map(({ path, bytes, digest }) => ({
      path,
      bytes,
      ...(digest.algorithm === 'sha256' && { sha256: digest.hex }),
    })),
  });
}

async function* counted(body: AsyncIterable<Uint8Array>, listener: PullListener): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    listener.received(chunk.length);
    yield chunk;
  }
}
