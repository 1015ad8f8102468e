import { request } from 'undici';

const TIMEOUT_MS = 5000;

/** The ARN of the Task that we run in, from the ECS task metadata endpoint, version 4. */
export async function readTaskArn(metadataUri: string): Promise<string> {
  const answer = await request(`${metadataUri}/task`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const task = (await answer.body.json()) as { readonly TaskARN?: string };
  if (task.TaskARN === undefined) throw new Error('The ECS task metadata names no TaskARN.');
  return task.TaskARN;
}
