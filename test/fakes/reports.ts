import type { Reports } from '../../core/ports.ts';
import type { Report } from '../../core/protocol/report.ts';
import { frozenCopy } from './frozen.ts';

export interface MemoryReports extends Reports {
  /** Reports that were sent and not taken, in order. */
  waiting(): readonly Report[];
  /** Takes all of them, as the recorder does. */
  takeAll(): readonly Report[];
}

/** The reports queue in memory, in order and exactly once. */
export function memoryReports(): MemoryReports {
  const queue: Report[] = [];
  return {
    send: async (report) => void queue.push(frozenCopy(report)),
    waiting: () => [...queue],
    takeAll: () => queue.splice(0),
  };
}
