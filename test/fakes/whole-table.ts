import { put, type RecordKey, remove } from '../../core/records.ts';
import type { TableItem, WholeTable } from '../../core/retention/ports.ts';
import type { MemoryRecords } from './records.ts';

/** Two, so that everything is gone through page by page. */
const PAGE = 2;

/** The table behind records in memory. */
export function memoryTable(records: MemoryRecords): WholeTable {
  return {
    async *scan() {
      const items = records.all().map(({ pk, sk, record }): TableItem => ({ ...(record as object), pk, sk }));
      for (let i = 0; i < items.length; i += PAGE) yield items.slice(i, i + PAGE);
    },
    async remove(keys) {
      for (const { pk, sk } of keys) await records.change({ pk, sk }, () => remove(undefined));
    },
    async restore(items) {
      for (const { pk, sk, ...record } of items) {
        await records.change({ pk, sk } as RecordKey<unknown>, () => put(record as unknown, undefined));
      }
    },
  };
}
