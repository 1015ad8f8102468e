import {
  type ECSClient,
  ListTasksCommand,
  StopTaskCommand,
  waitUntilTasksStopped,
} from '@aws-sdk/client-ecs';

export interface StopTasksOptions {
  readonly client: ECSClient;
  readonly clusters: readonly string[];
  /** What is still running then is left to be killed. */
  readonly limitMs: number;
}

/** Asks every task to end (SIGTERM), so that it can write what it has finished, and waits for it. */
export async function stopTasks({ client, clusters, limitMs }: StopTasksOptions): Promise<void> {
  for (const cluster of clusters) {
    const { taskArns: tasks = [] } = await client.send(new ListTasksCommand({ cluster }));
    if (tasks.length === 0) continue;
    const reason = 'The local stack stops';
    await Promise.all(tasks.map((task) => client.send(new StopTaskCommand({ cluster, task, reason }))));
    const waiter = { client, minDelay: 1, maxDelay: 1, maxWaitTime: Math.max(1, limitMs / 1000) };
    await waitUntilTasksStopped(waiter, { cluster, tasks }).catch(() => undefined);
  }
}
