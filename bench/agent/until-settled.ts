import type { Fleet } from '../../core/fleet/catalogue.ts';
import { runAgent } from '../../gpu-task/agent/agent.ts';
import type { AgentDeps } from '../../gpu-task/agent/deps.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import type { Engine } from '../../gpu-task/engines/engine.ts';
import type { BenchPorts } from './ports.ts';

export interface UntilSettled {
  readonly fleet: Fleet;
  readonly engine: Engine;
  readonly connect: AgentDeps['connect'];
  readonly log: AgentDeps['log'];
  readonly ports: BenchPorts;
  readonly shards: number;
  /** Called as often as a Shard settles, with the lines that are stored. */
  readonly onSettled?: ((lines: number) => void) | undefined;
}

/** One agent from its start until every line of its Shards is stored and reported, and then to its end. */
export async function runUntilSettled({ ports, shards, onSettled, ...deps }: UntilSettled): Promise<void> {
  const [stop, never, done] = [new AbortController(), new AbortController(), Promise.withResolvers<void>()];
  const reports: typeof ports.reports = {
    async send(report) {
      const before = ports.settled();
      await ports.reports.send(report);
      const { completed, failed } = ports.totals();
      if (ports.settled() > before) onSettled?.(completed + failed);
      if (ports.settled() === shards) done.resolve();
    },
  };
  const exit = runAgent(
    {
      ...{ ...deps, owner: 'task/bench', capacity: 'spot', random: () => 0.5 },
      taskStart: { bootedAtMs: null, pullStartedAtMs: null, pullStoppedAtMs: null, agentStartedAtMs: 0 },
      adapterFiles: { folderOf: async ({ id }) => id },
      gpus: { look: async () => ({ kind: 'absent' }) },
      ...{ eventLoop: { takeP99Ms: () => 0 }, metrics: { emit: () => undefined } },
      ...{ records: ports.records, objects: ports.objects, hints: ports.hints, reports, time: systemTime },
      newNonce: () => `${performance.now()}`,
    },
    { stop: stop.signal, noNewLeases: never.signal, hurry: never.signal },
  );
  await Promise.race([done.promise, exit]);
  stop.abort({ kind: 'asked', atMs: systemTime.nowMs() });
  await exit;
}
