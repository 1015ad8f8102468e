import { recordKeys } from '../../core/keys.ts';
import type { Hint } from '../../core/ports.ts';
import { bitsOf, unionBits } from '../../core/protocol/bitmap.ts';
import { renew } from '../../core/protocol/lease.ts';
import { isolate } from '../../core/protocol/poison.ts';
import type { Report } from '../../core/protocol/report.ts';
import type { SegmentWriter } from '../../core/protocol/segment-writer.ts';
import type { EngineDeath } from '../../core/protocol/shard.ts';
import { NO_LEASE_MS } from '../../core/protocol/shard.ts';
import type { Attempt } from '../../core/protocol/start-attempt.ts';
import { addTotals, type FinishedLine } from '../../core/segment/segment.ts';
import { LEASE_MS, maybeTerminate, RENEW_MS } from './agent.ts';
import { type SimPorts, simPorts } from './sim-ports.ts';
import type { Actor } from './stage.ts';
import type { World } from './world.ts';

/** One Attempt as it goes. */
interface Run {
  readonly world: World;
  readonly actor: Actor;
  readonly ports: SimPorts;
  readonly attempt: Attempt;
  readonly writer: SegmentWriter;
  readonly deaths: EngineDeath[];
  readonly ready: FinishedLine[];
  stored: readonly FinishedLine[];
  seq: number;
  /** By the agent's own monotonic clock, which here is the true time. */
  leaseUntilMs: number;
  lost: boolean;
  engineDead: boolean;
  ended: boolean;
}

export async function runAttempt(world: World, actor: Actor, hint: Hint): Promise<void> {
  const { stage } = world;
  const ports = simPorts(world, actor);
  const leaseUntilMs = stage.nowMs() + LEASE_MS;
  const attempt = await begin(world, actor, ports, hint);
  if (attempt?.kind !== 'started') return;
  const { shard } = attempt;
  const valid = world.records.peek(recordKeys.shard(shard))?.fence === shard.fence;
  world.ledger.adopted(shardIdOf(attempt), shard.fence, attempt.finished, valid);
  const run: Run = {
    world,
    actor,
    ports,
    attempt,
    writer: world.procedures.segmentWriter(ports.objects, shardIdOf(attempt), shard.fence),
    deaths: [],
    ready: attempt.poisoned.map((index) => lineOf(index, shard.fence, 'failed')),
    stored: [],
    seq: 0,
    leaseUntilMs,
    lost: false,
    engineDead: false,
    ended: false,
  };
  void keepLease(run);
  await compute(run);
  await end(run);
}

const shardIdOf = ({ shard: { tenant, batchId, number } }: Attempt) => ({ tenant, batchId, number });

/** The same nonce on every try, so that a lost answer is told from a lost race. */
async function begin(world: World, actor: Actor, ports: SimPorts, hint: Hint) {
  const nonce = world.newName('nonce-');
  for (let tries = 0; tries < 3; tries++) {
    const request = { owner: actor.name, nonce, nowMs: ports.clock.nowMs(), leaseMs: LEASE_MS };
    const started = await world.procedures.startAttempt(ports, hint, request).catch(() => null);
    if (started !== null) return started;
  }
  return null;
}

async function keepLease(run: Run): Promise<void> {
  const { world, actor, ports, attempt } = run;
  const holder = { owner: actor.name, fence: attempt.shard.fence };
  for (;;) {
    await world.stage.sleep(actor, RENEW_MS);
    if (run.ended || run.lost) return;
    maybeTerminate(world, actor);
    const beforeMs = world.stage.nowMs();
    const at = { nowMs: ports.clock.nowMs(), leaseMs: LEASE_MS };
    const renewed = await ports.records
      .change(recordKeys.shard(attempt.shard), (shard) => renew(shard, holder, at))
      .catch(() => null);
    if (renewed?.kind === 'refused') run.lost = true;
    if (renewed?.kind === 'renewed') run.leaseUntilMs = beforeMs + LEASE_MS;
  }
}

const maySend = (run: Run): boolean =>
  !run.lost &&
  !run.engineDead &&
  run.world.procedures.leaseHolds(run.world.stage.nowMs(), run.leaseUntilMs) &&
  run.world.tasks.get(run.actor.name)?.terminating === false;

async function compute(run: Run): Promise<void> {
  const { attempt, world } = run;
  const queue = attempt.open.filter((index) => !attempt.poisoned.includes(index));
  const worker = async (): Promise<void> => {
    for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
      if (!(await sendLine(run, index))) return;
      if (world.stage.random.chance(0.4)) await flushAndReport(run);
    }
  };
  await Promise.all(attempt.isolated ? [worker()] : [worker(), worker()]);
}

/** False: nothing more is to be sent. */
async function sendLine(run: Run, index: number): Promise<boolean> {
  const { world, actor, ports, attempt } = run;
  const { fence } = attempt.shard;
  const engineStart = 1;
  if (attempt.isolated) {
    const holder = { owner: actor.name, fence };
    const recorded = await ports.records
      .change(recordKeys.shard(attempt.shard), (shard) => isolate(shard, holder, { index, engineStart }))
      .catch(() => 'refused');
    if (recorded === 'refused') return false;
  }
  if (!maySend(run)) return false;
  world.ledger.sent(attempt.shard, fence, index);
  world.stage.note(actor, `send ${attempt.shard.number}:${index} under ${fence}`, '');
  if (world.poison.has(`${attempt.shard.batchId}/${attempt.shard.number}/${index}`)) {
    killEngine(run, attempt.isolated ? { fence, engineStart, isolatedIndex: index } : { fence, engineStart });
    return false;
  }
  await world.stage.sleep(actor, world.stage.random.int(1000, 60_000));
  if (run.engineDead) return false;
  run.ready.push(lineOf(index, fence, 'completed'));
  return true;
}

/** Now and then the agent goes with its engine, before it can say so. */
function killEngine(run: Run, death: EngineDeath): void {
  const { world, actor } = run;
  run.engineDead = true;
  run.deaths.push(death);
  const task = world.tasks.get(actor.name);
  if (task === undefined || !world.stage.random.chance(0.3)) return;
  task.diedByItself = true;
  world.stage.kill(actor);
}

/** Its bytes tell the Attempt, so that two results for a line are told apart. */
const lineOf = (index: number, fence: number, outcome: FinishedLine['outcome']): FinishedLine => ({
  index,
  outcome,
  bytes: Buffer.from(`${JSON.stringify({ index, fence, outcome })}\n`),
  inputTokens: 1,
  cachedTokens: 0,
  outputTokens: 1,
  reasoningTokens: 0,
});

async function flush(run: Run): Promise<boolean> {
  const lines = await run.writer.flush(() => run.ready.splice(0)).catch(() => null);
  if (lines === null) return false;
  // Two workers that flush at once are answered with the same lines.
  run.stored = [...run.stored, ...lines.filter((line) => !run.stored.includes(line))];
  return true;
}

function reportOf(run: Run): Report {
  const { attempt, writer, stored } = run;
  const { shard } = attempt;
  const own = writer.stored() === 0 ? {} : { [shard.fence]: writer.stored() };
  run.seq++;
  return {
    shard: shardIdOf(attempt),
    fence: shard.fence,
    seq: run.seq,
    finished: unionBits(
      attempt.finished,
      bitsOf(
        stored.map(({ index }) => index),
        shard.lines,
      ),
    ),
    segments: { ...attempt.adopted, ...own },
    deaths: run.deaths,
    totals: addTotals(attempt.totals, stored),
    leaseMs: NO_LEASE_MS,
  };
}

async function flushAndReport(run: Run): Promise<void> {
  if (await flush(run)) await run.ports.reports.send(reportOf(run)).catch(() => undefined);
}

async function end(run: Run): Promise<void> {
  const { world, ports, actor } = run;
  for (let tries = 0; tries < 10 && !(await flush(run)); tries++);
  run.ended = true;
  if (run.lost && world.stage.random.chance(0.5)) return;
  const report = reportOf(run);
  await ports.reports.send(report).catch(() => undefined);
  if (run.lost) return;
  const last = { report, owner: actor.name, leaseMs: LEASE_MS, renewEveryMs: RENEW_MS };
  for (let tries = 0; tries < 5; tries++) {
    const ended = await world.procedures.finishAttempt(ports, last).catch(() => null);
    if (ended !== null) return;
  }
}
