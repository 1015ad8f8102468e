import type { Presigner } from '../../core/batch/presigner.ts';
import type { Objects } from '../../core/ports.ts';
import { filesApi } from '../../lambdas/files-api/handler.ts';
import { httpHandler } from '../../lambdas/http.ts';
import { uploadsApi } from '../../lambdas/uploads-api/handler.ts';
import { manualClock } from '../fakes/clock.ts';
import { memoryObjects } from '../fakes/objects.ts';
import { memoryPresigner } from '../fakes/presigner.ts';
import { memoryRecords } from '../fakes/records.ts';
import { RETENTION } from '../fakes/retention.ts';
import { apiCalls } from './api-calls.ts';

/** The files and uploads routes over fakes. */
export function filesRig() {
  const objects = memoryObjects();
  const presigner = memoryPresigner(objects);
  return { ...routesOver({ objects, presigner }), objects, presigner };
}

interface Store {
  readonly objects: Objects;
  readonly presigner: Presigner;
}

/** The routes over a store, with the real SDK in front: each call becomes a proxy event. */
export function routesOver({ objects, presigner }: Store) {
  const records = memoryRecords();
  const clock = manualClock();
  let made = 0;
  // Counts down: only the time in an id may decide its order.
  const randomHex = (): string => (0xffff - made++).toString(16).padStart(20, '0');
  const deps = { records, objects, presigner, clock, retention: RETENTION, randomHex };
  const handler = httpHandler({ ...filesApi(deps), ...uploadsApi(deps) });
  return { records, clock, ...apiCalls(handler) };
}

/** A batch's input of one line. */
export const LINE = '{"custom_id":"1","method":"POST","url":"/v1/embeddings","body":{}}\n';

interface ErrorBody {
  readonly error: { readonly message: string; readonly param: string | null };
}

/** What an answer tells of its error. */
export async function errorOf(answering: Response | Promise<Response>) {
  const answer = await answering;
  const { error } = (await answer.json()) as ErrorBody;
  return { status: answer.status, message: error.message, param: error.param };
}
