import type { MultiTransition, Objects, Records } from '../../core/ports.ts';
import type { Report } from '../../core/protocol/report.ts';
import type { RecordKey, Transition } from '../../core/records.ts';
import { startMachine } from './machines.ts';
import { postReport } from './recorder.ts';
import type { Actor } from './stage.ts';
import type { World } from './world.ts';

/** The ports of one actor: every call is an effect that the stage orders and that faults may strike. */
export function simPorts(world: World, actor: Actor) {
  const { stage } = world;
  return {
    records: simRecords(world, actor),
    objects: simObjects(world, actor),
    clock: { nowMs: () => stage.nowMs() + actor.skewMs },
    executions: {
      start: (machine: string, name: string, input: unknown) =>
        stage.effect(actor, `start ${name}`, () => startMachine(world, machine, name, input)),
      isRunning: (_machine: string, name: string) =>
        stage.effect(actor, `is running ${name}`, () => world.executions.get(name)?.running ?? false),
      sendToken: (token: string) => stage.effect(actor, `token ${token}`, () => world.tokens.get(token)?.()),
    },
    reports: {
      send: (report: Report) =>
        stage.effect(actor, `report ${report.shard.number} ${report.fence}.${report.seq}`, () =>
          postReport(world, report),
        ),
    },
    pause: (ms: number) => stage.sleep(actor, ms),
    newFileId: () => world.newName('file-') as never,
  };
}

export type SimPorts = ReturnType<typeof simPorts>;

function simRecords({ stage, records, ledger }: World, actor: Actor): Records {
  const watch = (keys: readonly RecordKey<unknown>[]) => {
    const before = keys.map((key) => records.peek(key));
    return () => {
      for (const [i, key] of keys.entries()) {
        const after = records.peek(key);
        if (after !== before[i]) ledger.wrote(key.sk, before[i] ?? null, after);
      }
    };
  };
  return {
    read: (key) => stage.effect(actor, `read ${key.sk}`, () => records.read(key)),
    query: (range, options) =>
      stage.effect(actor, `query ${range.skPrefix}`, () => records.query(range, options)),
    change: <T, R>(key: RecordKey<T>, transition: Transition<T, R>) =>
      stage.effect(
        actor,
        `change ${key.sk}`,
        () => {
          const written = watch([key as RecordKey<unknown>]);
          const result = records.change(key, transition);
          written();
          return result;
        },
        { retries: stage.random.chance(0.7) },
      ),
    changeAll: <R>(keys: readonly RecordKey<unknown>[], transition: MultiTransition<R>) =>
      stage.effect(
        actor,
        `change all ${keys.map(({ sk }) => sk).join(' ')}`,
        () => {
          const written = watch(keys);
          const result = records.changeAll(keys, transition);
          written();
          return result;
        },
        { retries: stage.random.chance(0.7) },
      ),
  };
}

const short = (key: string): string => key.split('/').slice(3).join('/');

function simObjects({ stage, objects }: World, actor: Actor): Objects {
  const call = <T>(what: string, key: string, perform: () => Promise<T>): Promise<T> =>
    stage.effect(actor, `${what} ${short(key)}`, perform);
  return {
    putOnce: (key, body, type) => call('put', key, () => objects.putOnce(key, body, type)),
    get: (key) => call('get', key, () => objects.get(key)),
    getRange: (key, range) => call('get tail', key, () => objects.getRange(key, range)),
    head: (key) => call('head', key, () => objects.head(key)),
    list: (prefix) => call('list', prefix, () => objects.list(prefix)),
    stream: (key, etag) => call('stream', key, () => objects.stream(key, etag)),
    putOnceStream: (key, body, type) => call('put stream', key, () => objects.putOnceStream(key, body, type)),
    remove: (keys) => call('remove', keys[0] ?? '', () => objects.remove(keys)),
  };
}
