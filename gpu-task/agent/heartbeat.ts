import { writeFile } from 'node:fs/promises';
import type { AgentTime } from '../../core/agent/ports.ts';
import { type Log, reasonOf } from './log.ts';

export interface Heartbeat {
  close(): void;
}

/** Several within the two minutes after which the container counts as unhealthy. */
const BEAT_EVERY_MS = 15_000;

/** Renews a file, at which the container's health check looks, for as long as our event loop turns. */
export function heartbeat(deps: {
  readonly file: string;
  readonly time: AgentTime;
  readonly log: Log;
}): Heartbeat {
  const { file, time, log } = deps;
  const closed = new AbortController();

  async function beat(): Promise<void> {
    let failures = 0;
    while (!closed.signal.aborted) {
      try {
        await writeFile(file, '');
        failures = 0;
      } catch (error) {
        if (failures++ === 0)
          log.warn('The file for the health check is not writable.', { reason: reasonOf(error) });
      }
      await time.sleep(BEAT_EVERY_MS, closed.signal);
    }
  }

  void beat();
  return { close: () => closed.abort() };
}
