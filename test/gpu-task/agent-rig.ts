import type { ExitCode } from '../../core/agent/exit-code.ts';
import type { GpuProbe } from '../../core/agent/gpu-reading.ts';
import type { Hints, ReceivedHint } from '../../core/agent/ports.ts';
import type { StopCause } from '../../core/agent/stop-plan.ts';
import type { Fleet } from '../../core/fleet/catalogue.ts';
import type { BatchId, ShardId, TenantId } from '../../core/ids.ts';
import { objectKeys, recordKeys, segmentNameOf } from '../../core/keys.ts';
import type { Hint } from '../../core/ports.ts';
import { dispatch } from '../../core/protocol/lease.ts';
import { applyReport } from '../../core/protocol/report.ts';
import { newShard, type Shard } from '../../core/protocol/shard.ts';
import { put } from '../../core/records.ts';
import { decodeIndex } from '../../core/segment/segment.ts';
import { encodeShardLine } from '../../core/shard/object.ts';
import { runAgent, type Stops } from '../../gpu-task/agent/agent.ts';
import type { AgentDeps } from '../../gpu-task/agent/deps.ts';
import { sampleFleet } from '../fakes/fleet.ts';
import { silentLog } from '../fakes/log.ts';
import { memoryObjects } from '../fakes/objects.ts';
import { memoryRecords } from '../fakes/records.ts';
import { memoryReports } from '../fakes/reports.ts';
import { fakeEngine } from './fake-engine.ts';
import { virtualTime } from './virtual-time.ts';

const TENANT = 'tenant-a' as TenantId;
const BATCH = 'batch_1' as BatchId;
export const OWNER = 'arn:aws:ecs:eu-west-1:111122223333:task/slackline/0123';

export const testFleet = sampleFleet({
  contextTokens: 1000,
  startMs: 1000,
  checkpoint: { everyMs: 15_000, maxBytes: 1_000_000, maxResults: 500 },
  request: { timeoutMs: 120_000, maxTries: 3 },
});

/** A line of a test's Shard: its name is its custom_id and stands in its body. */
export const lineBody = (name: string): string =>
  JSON.stringify({ model: 'tiny-model', messages: [{ role: 'user', content: name }] });

const noGpus: GpuProbe = { look: async () => ({ kind: 'absent' }) };

/** A dispatch queue in memory; `timeOf` is asked for with each wait. */
function memoryHints(timeOf: () => AgentDeps['time']) {
  const waiting: Hint[] = [];
  const deleted: Hint[] = [];
  let wake: () => void = () => undefined;
  const hints: Hints = {
    async receive(waitSeconds, signal) {
      if (waiting.length === 0) {
        const over = new AbortController();
        wake = () => over.abort();
        const either = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
        await timeOf().sleep(waitSeconds * 1000, either);
      }
      const hint = waiting.shift();
      if (hint === undefined) return [];
      const received: ReceivedHint = {
        hint,
        done: async () => void deleted.push(hint),
        giveBack: async () => void waiting.unshift(hint),
      };
      return [received];
    },
  };
  return {
    hints,
    waiting,
    deleted,
    send: (hint: Hint) => {
      waiting.push(hint);
      wake();
    },
  };
}

/** One agent in memory, with the stores, the queues and the engine that it talks to. */
export function agentRig(changes: Partial<Fleet> = {}) {
  const fleet = { ...testFleet, ...changes };
  const time = virtualTime();
  const records = memoryRecords();
  const objects = memoryObjects();
  const reports = memoryReports();
  const engine = fakeEngine();
  let agentTime: AgentDeps['time'] = time;
  const queue = memoryHints(() => agentTime);
  const [stop, noNewLeases, hurry] = [new AbortController(), new AbortController(), new AbortController()];
  const shardId = (number: number): ShardId => ({ tenant: TENANT, batchId: BATCH, number });
  const ownStops: Stops = { stop: stop.signal, noNewLeases: noNewLeases.signal, hurry: hurry.signal };
  let nonces = 0;

  const rig = {
    ...{ fleet, time, records, objects, reports, engine, shardId },
    ...{ hints: queue.hints, waitingHints: queue.waiting, deletedHints: queue.deleted },
    shard(number = 0): Shard {
      const shard = records.peek(recordKeys.shard(shardId(number)));
      if (shard === null) throw new Error(`There is no Shard ${number}.`);
      return shard;
    },
    /** Puts a Shard of these lines. */
    async enrol(names: readonly string[], number = 0, model = fleet.model): Promise<void> {
      const objectKey = objectKeys.shard(shardId(number), 'cut');
      const lines = names.map((name, i) =>
        encodeShardLine({ line: i + 1, customId: name, body: Buffer.from(lineBody(name)) }),
      );
      objects.put(objectKey, Buffer.concat(lines));
      const shard = newShard(shardId(number), {
        objectKey,
        endpoint: '/v1/chat/completions',
        model,
        lines: names.length,
        estimatedTokens: 100,
      });
      await records.change(recordKeys.shard(shardId(number)), () => put(shard, null));
    },
    async change(number: number, changed: (shard: Shard) => Shard): Promise<void> {
      await records.change(recordKeys.shard(shardId(number)), () => put(changed(rig.shard(number)), null));
    },
    async dispatch(number = 0): Promise<void> {
      const { dispatchSeq } = rig.shard(number);
      const at = { seenSeq: dispatchSeq, nowMs: time.nowMs(), minAgeMs: 0 };
      await records.change(recordKeys.shard(shardId(number)), (shard) => dispatch(shard, at));
      queue.send({ shard: shardId(number), dispatchSeq: rig.shard(number).dispatchSeq });
    },
    /** What the recorder does with the reports that have come. */
    async record(): Promise<void> {
      for (const report of reports.takeAll()) {
        await records.change(recordKeys.shard(report.shard), (shard) => applyReport(shard, report));
      }
    },
    /** The result lines in the Segments of a fence, in order. */
    results(number = 0): readonly WireResult[] {
      const prefix = objectKeys.segments(shardId(number));
      const keys = objects.keys().filter((key) => key.startsWith(prefix));
      return keys.flatMap((key) => resultsIn(objects.peek(key) ?? new Uint8Array()));
    },
    segments(number = 0): readonly string[] {
      const prefix = objectKeys.segments(shardId(number));
      const names = objects
        .keys()
        .flatMap((key) => (key.startsWith(prefix) ? (segmentNameOf(key) ?? []) : []));
      return names.map(({ fence, number: n }) => `${fence}.${n}`);
    },
    stop: (cause: StopCause) => stop.abort(cause),
    leaseNoMore: () => noNewLeases.abort(),
    hurry: () => hurry.abort(),
    /** Starts an agent; `deps` replaces what it gets. */
    start(deps: Partial<AgentDeps> = {}, stops: Stops = ownStops): Promise<ExitCode> {
      agentTime = deps.time ?? time;
      return runAgent(
        {
          ...{
            fleet,
            records,
            objects,
            reports,
            engine,
            time,
            owner: OWNER,
            capacity: 'spot',
            log: silentLog,
          },
          taskStart: { bootedAtMs: null, pullStartedAtMs: null, pullStoppedAtMs: null, agentStartedAtMs: 0 },
          ...{ gpus: noGpus, eventLoop: { takeP99Ms: () => 0 }, metrics: { emit: () => undefined } },
          ...{ hints: queue.hints, connect: engine.connect, random: () => 0.5 },
          adapterFiles: { folderOf: async ({ id }) => `/adapters/${id}` },
          newNonce: () => `nonce-${++nonces}`,
          ...deps,
        },
        stops,
      );
    },
  };
  return rig;
}

export interface WireResult {
  readonly custom_id: string;
  readonly response: { readonly status_code: number; readonly body: unknown } | null;
  readonly error: { readonly code: string } | null;
}

function resultsIn(segment: Uint8Array): readonly WireResult[] {
  return decodeIndex(segment).map(({ offset, length }) => {
    const line = Buffer.from(segment.subarray(offset, offset + length)).toString();
    if (!line.endsWith('\n') || line.indexOf('\n') !== line.length - 1) throw new Error('Not one line.');
    return JSON.parse(line) as WireResult;
  });
}
