import type { AgentTime, Hints } from '../../core/agent/ports.ts';
import type { BatchId, ShardId, TenantId } from '../../core/ids.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Objects, Records, Reports } from '../../core/ports.ts';
import { dispatch } from '../../core/protocol/lease.ts';
import { applyReport } from '../../core/protocol/report.ts';
import { NO_TOTALS, newShard, plusTotals, type Shard, type ShardTotals } from '../../core/protocol/shard.ts';
import { put, type RecordKey } from '../../core/records.ts';
import { MODEL } from './engine.ts';

const SHARD: Omit<ShardId, 'number'> = { tenant: 'tenant-a' as TenantId, batchId: 'batch_1' as BatchId };

export interface BenchPorts {
  readonly records: Records;
  readonly objects: Objects;
  readonly reports: Reports;
  readonly hints: Hints;
  /** Of the Shards that have a result for every line. */
  totals(): ShardTotals;
  /** Shards that have a result for every line. */
  settled(): number;
}

export interface BenchWork {
  readonly shards: number;
  readonly linesPerShard: number;
  readonly estimatedTokens: number;
  /** The same bytes for every Shard. */
  readonly shardObject: Uint8Array;
  readonly time: AgentTime;
}

const refuse = async (): Promise<never> => {
  throw new Error('The agent needs no such port.');
};

/** What an agent needs beside an engine, in memory and keeping nothing that grows: no Segment is kept or looked at. */
export async function benchPorts(work: BenchWork): Promise<BenchPorts> {
  const { records, reports, ...settled } = memoryRecords();
  const numbers = Array.from({ length: work.shards }, (_, number) => number);
  for (const number of numbers) await enrol(records, work, { ...SHARD, number });
  const objects: Objects = {
    ...{ getRange: refuse, head: refuse, stream: refuse, putOnceStream: refuse, remove: refuse },
    list: async () => [],
    get: async () => work.shardObject,
    putOnce: async () => 'stored',
  };
  const hints: Hints = {
    async receive(waitSeconds, signal) {
      const number = numbers.shift();
      if (number !== undefined)
        return [
          {
            hint: { shard: { ...SHARD, number }, dispatchSeq: 1 },
            done: async () => undefined,
            giveBack: async () => undefined,
          },
        ];
      await work.time.sleep(waitSeconds * 1000, signal);
      return [];
    },
  };
  return { records, objects, reports, hints, ...settled };
}

async function enrol(records: Records, work: BenchWork, id: ShardId): Promise<void> {
  const { linesPerShard: lines, estimatedTokens } = work;
  const cut = { objectKey: 'shard', endpoint: '/v1/chat/completions', model: MODEL, lines, estimatedTokens };
  const key = recordKeys.shard(id);
  await records.change(key, () => put(newShard(id, cut), null));
  await records.change(key, (shard) => dispatch(shard, { seenSeq: 0, nowMs: 1, minAgeMs: 0 }));
}

/** Reports are recorded as they come. */
function memoryRecords(): Pick<BenchPorts, 'records' | 'reports' | 'totals' | 'settled'> {
  const items = new Map<string, unknown>();
  let settled = 0;
  let totals = NO_TOTALS;
  const nameOf = <T>({ pk, sk }: RecordKey<T>): string => `${pk} ${sk}`;
  const records: Records = {
    ...{ query: refuse, changeAll: refuse },
    read: async <T>(key: RecordKey<T>) => (items.get(nameOf(key)) as T | undefined) ?? null,
    async change(key, transition) {
      const change = transition((items.get(nameOf(key)) as Parameters<typeof transition>[0]) ?? null);
      if (change.kind === 'put') items.set(nameOf(key), change.record);
      return change.result;
    },
  };
  const reports: Reports = {
    async send(report) {
      const apply = (shard: Shard | null) => applyReport(shard, report);
      const result = await records.change(recordKeys.shard(report.shard), apply);
      if (result !== 'settled') return;
      settled++;
      totals = plusTotals(totals, report.totals);
    },
  };
  return { records, reports, totals: () => totals, settled: () => settled };
}
