import { z } from 'zod';
import { describeRefusal } from '../../core/models/hub-refusal.ts';
import { HubRefused, requestHub } from './hub-request.ts';

/** `gated` is `auto` or `manual` where files are not read without a token, though anybody sees the commit. */
const answer = z.object({ sha: z.string(), gated: z.union([z.literal(false), z.string()]).default(false) });

export interface HubModel {
  readonly repository: string;
  readonly revision: string;
  readonly signal: AbortSignal;
}

/**
 * The commit that a revision stands for, asked as a Task without `engine.secrets.HF_TOKEN` would: without a token, and once, where `ModelHub` would wait
 * and ask again. Throws `HubRefused` where its files are not for everybody.
 */
export async function askCommit(baseUrl: string, model: HubModel): Promise<string> {
  const { repository, revision } = model;
  const path = `/api/models/${repository}/revision/${encodeURIComponent(revision)}?expand=sha&expand=gated`;
  const wait = () => Promise.reject(new Error('It is asked once.'));
  const response = await requestHub({ baseUrl, token: undefined, wait }, { ...model, path });
  const { sha, gated } = answer.parse(await response.json());
  if (gated === false) return sha;
  const refusal = { status: 401, code: 'GatedRepo', repository, revision, hasToken: false };
  throw new HubRefused(describeRefusal(refusal));
}
