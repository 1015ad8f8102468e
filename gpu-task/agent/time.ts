import { setTimeout as delay } from 'node:timers/promises';
import type { AgentTime } from '../../core/agent/ports.ts';

/** The machine's clocks. */
export const systemTime: AgentTime = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
};
