import { z } from 'zod';

/** Instead of EC2's two minutes: long enough to see the notice, finish what is in flight and give back the rest. */
const NOTICE_MS = 10_000;

const instancesSchema = z.object({
  instances: z.array(
    z.object({
      instanceId: z.string(),
      purchase: z.enum(['spot', 'on-demand']),
      taskId: z.string().nullable(),
      underNotice: z.boolean(),
    }),
  ),
});

/**
 * Takes one spot instance away, as EC2 does, once two of them have a Task: null where there are fewer. Gives the
 * instance's id. Throws where the endpoint refuses.
 */
export async function interruptSpot(ecsUrl: string): Promise<string | null> {
  const { instances } = instancesSchema.parse(await call(`${ecsUrl}/_local/instances`));
  const busy = instances.filter((each) => each.purchase === 'spot' && each.taskId && !each.underNotice);
  const [first] = busy;
  if (first === undefined || busy.length < 2) return null;
  await call(`${ecsUrl}/_local/interrupt`, { instance: first.instanceId, noticeMs: NOTICE_MS });
  return first.instanceId;
}

/** Whether an instance is gone. */
export async function isGone(ecsUrl: string, instanceId: string): Promise<boolean> {
  const { instances } = instancesSchema.parse(await call(`${ecsUrl}/_local/instances`));
  return instances.every((instance) => instance.instanceId !== instanceId);
}

async function call(url: string, body?: object): Promise<unknown> {
  const answer = await fetch(
    url,
    body === undefined ? undefined : { method: 'POST', body: JSON.stringify(body) },
  );
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
