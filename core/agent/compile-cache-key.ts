import { createHash } from 'node:crypto';
import { compileCacheFolder } from '../models/layout.ts';

/** What compiled kernels depend on. */
export interface CompileCacheFacts {
  readonly vllmVersion: string;
  /** As nvidia-smi names it; `cpu` where there is none. */
  readonly gpu: string;
  readonly model: string;
  /** The commit; null where the catalogue names none. */
  readonly revision: string | null;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where vLLM has them: some hold their own paths. */
  readonly root: string;
}

const HASH_LENGTH = 16;

/**
 * Where a Fleet's compiled kernels for these facts lie in the model bucket. vLLM itself loads none that were compiled
 * for something else: facts that are missing here cost a compilation, and break nothing.
 */
export function compileCacheKey(fleetId: string, facts: CompileCacheFacts): string {
  const { vllmVersion, gpu, model, revision, args, env, root } = facts;
  const variables = Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const all = JSON.stringify([vllmVersion, gpu, model, revision, args, variables, root]);
  const hash = createHash('sha256').update(all).digest('hex').slice(0, HASH_LENGTH);
  return `${compileCacheFolder(fleetId)}${slug(vllmVersion)}-${slug(gpu)}-${hash}.tar.gz`;
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^-|-$/g, '');
