import { z } from 'zod';
import type { ModelHub } from '../../core/models/ports.ts';
import type { RepositoryFile } from '../../core/models/repository-file.ts';
import { type HubOptions, type HubRequest, requestHub } from './hub-request.ts';
import { pause } from './pause.ts';
import { readFile } from './read-file.ts';

const revisionAnswer = z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/) });
const treeAnswer = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: z.number(),
    /** Of the file as git keeps it: of a large one, a pointer. */
    oid: z.string(),
    lfs: z.object({ oid: z.string(), size: z.number() }).optional(),
  }),
);
type TreeEntry = z.infer<typeof treeAnswer>[number];

/**
 * The hub's HTTP API. Not by `@huggingface/hub`: its streams tell neither why they failed nor go on where they
 * broke, and two listings are not worth its 12 MB.
 */
export function huggingFaceHub(options: HubOptions, signal: AbortSignal): ModelHub {
  const listing = async (repository: string, revision: string, path: string): Promise<Response> =>
    untilAnswered(options, { path, repository, revision, signal });
  return {
    async commitOf(repository, revision) {
      const path = `/api/models/${repository}/revision/${encodeURIComponent(revision)}?expand=sha`;
      const answer = await listing(repository, revision, path);
      return revisionAnswer.parse(await answer.json()).sha;
    },
    async filesOf(repository, commit) {
      const entries: TreeEntry[] = [];
      let path: string | null = `/api/models/${repository}/tree/${commit}?recursive=true`;
      while (path !== null) {
        const page: Response = await listing(repository, commit, path);
        entries.push(...treeAnswer.parse(await page.json()));
        path = nextPage(page.headers.get('link') ?? '');
      }
      return entries.filter(({ type }) => type === 'file').map(fileOf);
    },
    read: (source, stopped) => readFile(options, source, stopped),
  };
}

async function untilAnswered(options: HubOptions, request: HubRequest): Promise<Response> {
  for (let tries = 1; ; tries++) {
    try {
      return await requestHub(options, request);
    } catch (error) {
      await pause(options, { error, tries, signal: request.signal });
    }
  }
}

/** Path and query of the next page; its origin is left to the base URL, which may be a mirror's. */
function nextPage(link: string): string | null {
  const next = /<([^>]+)>\s*;\s*rel="next"/.exec(link)?.[1];
  if (next === undefined) return null;
  const { pathname, search } = new URL(next, 'http://hub');
  return `${pathname}${search}`;
}

const fileOf = ({ path, size, oid, lfs }: TreeEntry): RepositoryFile =>
  lfs === undefined
    ? { path, bytes: size, digest: { algorithm: 'git-blob-sha1', hex: oid } }
    : { path, bytes: lfs.size, digest: { algorithm: 'sha256', hex: lfs.oid } };
