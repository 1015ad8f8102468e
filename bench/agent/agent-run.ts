import { encodeShardLine } from '../../core/shard/object.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import type { RunningEngine } from '../../gpu-task/engines/engine.ts';
import { sampleFleet } from '../../test/fakes/fleet.ts';
import { silentLog } from '../../test/fakes/log.ts';
import { alreadyRunning, CONCURRENCY, connect, MODEL } from './engine.ts';
import { benchPorts } from './ports.ts';
import { runUntilSettled } from './until-settled.ts';

/** As many as a Shard holds at most. */
const DIFFERENT_BODIES = 8192;
const BODY_BYTES = 1024;
const ESTIMATED_TOKENS_PER_LINE = 512;

const FLEET = sampleFleet({
  model: MODEL,
  engine: { kind: 'simulated', tokensPerSecond: 1, firstTokenMs: 0, startMs: 0, maxRunning: 2 * CONCURRENCY },
  // An Attempt stays for a third of it after its last line.
  leaseMs: 1500,
  concurrency: CONCURRENCY,
  request: { timeoutMs: 60_000, maxTries: 1 },
});

/** Bodies of 1 KB that differ, as a Batch holds them. */
export const BODIES: readonly Uint8Array[] = Array.from({ length: DIFFERENT_BODIES }, (_, i) => {
  const start = `Ticket ${i}: `;
  const body = { model: MODEL, messages: [{ role: 'user', content: start }], max_tokens: 64 };
  const missing = BODY_BYTES - JSON.stringify(body).length;
  const text = 'the parcel has not come and nothing new is shown '.repeat(Math.ceil(missing / 48));
  const messages = [{ role: 'user', content: start + text.slice(0, missing) }];
  return Buffer.from(JSON.stringify({ ...body, messages }));
});

const shardOf = (lines: number): Uint8Array =>
  Buffer.concat(
    BODIES.slice(0, lines).map((body, i) => encodeShardLine({ line: i + 1, customId: `row-${i}`, body })),
  );

export interface AgentRun {
  readonly engine: RunningEngine;
  readonly shards: number;
  readonly linesPerShard: number;
  /** Called as often as a Shard settles, with the lines that are stored. */
  readonly onSettled?: ((lines: number) => void) | undefined;
}

/** One agent from its start until every line of its Shards is stored and reported. */
export async function runAgentOnce({ engine, shards, linesPerShard, onSettled }: AgentRun): Promise<void> {
  const ports = await benchPorts({
    ...{ shards, linesPerShard, shardObject: shardOf(linesPerShard), time: systemTime },
    estimatedTokens: linesPerShard * ESTIMATED_TOKENS_PER_LINE,
  });
  await runUntilSettled({
    ...{ fleet: FLEET, engine: alreadyRunning(engine), connect, log: silentLog },
    ...{ ports, shards, onSettled },
  });
  const { completed } = ports.totals();
  if (completed !== shards * linesPerShard) throw new Error(`${completed} lines are completed.`);
}
