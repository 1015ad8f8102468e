import type { AgentTime, Hints } from '../../../core/agent/ports.ts';
import type { Objects, Records, Reports } from '../../../core/ports.ts';
import type { Random } from '../../protocol/random.ts';

/** What an agent reaches of the world until it is killed: then nothing is done any more, and nothing is answered. */
export interface Life {
  readonly time: AgentTime;
  readonly records: Records;
  readonly objects: Objects;
  readonly reports: Reports;
  readonly hints: Hints;
}

/** One way over the network; a put takes two of them. */
export const MAX_HOP_MS = 400;

type Call<A extends readonly unknown[], R> = (...args: A) => Promise<R>;

/** A life that ends when `kill` aborts. Calls take their time on the way there and back, and end on either. */
export function mortal(world: Life, random: Random, kill: AbortSignal): Life {
  const { time, records, objects, reports, hints } = world;

  /** Resolves only for the living. */
  const alive = <R>(work: Promise<R>): Promise<R> =>
    new Promise((resolve, reject) => {
      work.then(
        (result) => kill.aborted || resolve(result),
        (error: unknown) => kill.aborted || reject(error),
      );
    });
  const hop = (): Promise<void> => alive(time.sleep(random.int(0, MAX_HOP_MS)));
  const remote =
    <A extends readonly unknown[], R>(call: Call<A, R>): Call<A, R> =>
    async (...args) => {
      await hop();
      const result = await call(...args);
      await hop();
      return result;
    };

  return {
    time: { ...time, sleep: (ms, signal) => alive(time.sleep(ms, signal)) },
    hints: { receive: (seconds, signal) => alive(hints.receive(seconds, signal)) },
    reports: { send: remote(reports.send) },
    objects: {
      ...objects,
      putOnce: remote(objects.putOnce),
      get: remote(objects.get),
      list: remote(objects.list),
    },
    records: {
      ...records,
      read: async (key) => {
        await hop();
        return records.read(key);
      },
      change: async (key, transition) => {
        await hop();
        const result = await records.change(key, transition);
        await hop();
        return result;
      },
    },
  };
}
