import { z } from 'zod';
import { type HubOptions, requestHub } from './hub-request.ts';

const answer = z.object({ sha: z.string() });

export interface HubModel {
  readonly repository: string;
  readonly revision: string;
  readonly signal: AbortSignal;
}

/** The commit that a revision stands for; asked once, where `ModelHub` would wait and ask again. */
export async function askCommit(options: Omit<HubOptions, 'wait'>, model: HubModel): Promise<string> {
  const path = `/api/models/${model.repository}/revision/${encodeURIComponent(model.revision)}?expand=sha`;
  const wait = () => Promise.reject(new Error('It is asked once.'));
  return answer.parse(await (await requestHub({ ...options, wait }, { ...model, path })).json()).sha;
}
