import { request } from 'undici';

const TIMEOUT_MS = 5000;

/** The Task that we run in. */
export interface OwnTask {
  readonly arn: string;
  /** Of its image; null where the endpoint does not say. */
  readonly pullStartedAtMs: number | null;
  readonly pullStoppedAtMs: number | null;
}

interface TaskMetadata {
  readonly TaskARN?: string;
  readonly PullStartedAt?: string;
  readonly PullStoppedAt?: string;
}

/** Reads the ECS task metadata endpoint, version 4. */
export async function readTask(metadataUri: string): Promise<OwnTask> {
  const answer = await request(`${metadataUri}/task`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const task = (await answer.body.json()) as TaskMetadata;
  if (task.TaskARN === undefined) throw new Error('The ECS task metadata names no TaskARN.');
  return {
    arn: task.TaskARN,
    pullStartedAtMs: instant(task.PullStartedAt),
    pullStoppedAtMs: instant(task.PullStoppedAt),
  };
}

function instant(text: string | undefined): number | null {
  const atMs = Date.parse(text ?? '');
  return Number.isNaN(atMs) ? null : atMs;
}
