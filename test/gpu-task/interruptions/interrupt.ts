import { drainUntilMs, STOP_TIMEOUT_MS, type StopCause } from '../../../core/agent/stop-plan.ts';
import { recordKeys } from '../../../core/keys.ts';
import { isDispatchable } from '../../../core/protocol/lease.ts';
import { expireLease } from '../../../core/protocol/poison.ts';
import { type Random, seededRandom } from '../../protocol/random.ts';
import { agentRig } from '../agent-rig.ts';
import { mortal } from './mortal.ts';
import { type Send, timedEngine } from './timed-engine.ts';
import { verify } from './verify.ts';

/** How an agent ended. */
export type End =
  | { readonly kind: 'noticed'; readonly untilMs: number; readonly exited: boolean }
  | { readonly kind: 'killed'; readonly atMs: number }
  /** It was left alone. */
  | { readonly kind: 'none' };

export interface InterruptedRun {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly ends: readonly End[];
  readonly lines: number;
  /** Lines that were sent to an engine more than once, each time counted. */
  readonly recomputed: number;
  /** For how long engines had worked for those. */
  readonly recomputedMs: number;
  /** That were stored. */
  readonly segments: number;
  /** Taken back before the deadline of a stop. */
  readonly takenBackEarly: number;
}

export type Rig = ReturnType<typeof agentRig>;
type Cause = 'notice' | 'SIGTERM' | 'SIGKILL';

const MAX_LINES = 30;
const NOTICES_MS = [120_000, 60_000, 20_000];
/** Far more than the longest run needs. */
const PATIENCE_MS = 40_000_000;

/** Fixes what is otherwise left to chance. */
export interface Scenario {
  /** Between checkpoints; the lines are many then, and every agent but the last is killed without notice. */
  readonly checkpointMs: number;
}
const MANY_LINES = 400;
/** Several of the longest intervals that one would choose. */
const LONG_LIFE_MS = 600_000;

/** One Batch of two Shards, run by one agent after the other: all but the last are interrupted at some moment. */
export async function interrupt(seed: number, scenario?: Scenario): Promise<InterruptedRun> {
  const random = seededRandom(seed);
  const quickestMs = scenario ? 10_000 : random.pick([1000, 10_000, 100_000]);
  const rig = openRig(random, scenario);
  const lineCount = (): number => (scenario ? MANY_LINES : random.int(1, MAX_LINES));
  const counts = [lineCount(), lineCount()];
  for (const [shard, count] of counts.entries()) await rig.enrol(namesOf(shard, count), shard);
  const longestLifeMs = scenario ? LONG_LIFE_MS : 8 * quickestMs;
  const world: World = { rig, random, quickestMs, longestLifeMs, sends: [], ends: [] };
  const causes = Array.from({ length: random.int(1, 3) }, () =>
    random.pick<Cause>(scenario ? ['SIGKILL'] : ['notice', 'SIGTERM', 'SIGKILL']),
  );
  for (const cause of causes) await runInterrupted(world, cause);
  await runToTheEnd(world);
  const lines = counts.reduce((sum, count) => sum + count, 0);
  return { seed, lines, ...verify(world) };
}

export interface World {
  readonly rig: Rig;
  readonly random: Random;
  readonly quickestMs: number;
  /** Of an agent that is interrupted. */
  readonly longestLifeMs: number;
  readonly sends: Send[];
  readonly ends: End[];
}

const namesOf = (shard: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${shard}.${i}.`);

function openRig(random: Random, scenario?: Scenario): Rig {
  const maxResults = scenario ? 500 : random.pick([5, 500]);
  return agentRig({
    concurrency: scenario ? 8 : random.int(1, 8),
    checkpoint: { everyMs: scenario?.checkpointMs ?? 15_000, maxBytes: 1_000_000, maxResults },
    request: { timeoutMs: 900_000, maxTries: 3 },
    maxLifeMs: PATIENCE_MS,
    idleExitMs: PATIENCE_MS,
  });
}

async function runInterrupted(world: World, cause: Cause): Promise<void> {
  const { rig, random, longestLifeMs } = world;
  const agent = startAgent(world);
  await pass(world, random.int(0, longestLifeMs));
  if (cause === 'SIGKILL') {
    world.ends.push({ kind: 'killed', atMs: rig.time.nowMs() });
  } else {
    const atMs = rig.time.nowMs();
    const noticeMs = random.pick(NOTICES_MS);
    const stop: StopCause =
      cause === 'notice'
        ? { kind: 'interruption', atMs, takenAtMs: atMs + noticeMs }
        : { kind: 'asked', atMs };
    agent.stop(stop);
    await pass(world, cause === 'notice' ? noticeMs : STOP_TIMEOUT_MS);
    world.ends.push({ kind: 'noticed', untilMs: drainUntilMs(stop), exited: agent.hasExited() });
  }
  agent.kill();
  // The event of the end comes, or it does not and the Lease runs out.
  if (random.chance(0.5)) await expireLeases(rig, agent.owner);
}

async function runToTheEnd(world: World): Promise<void> {
  const agent = startAgent(world);
  world.ends.push({ kind: 'none' });
  const untilMs = world.rig.time.nowMs() + PATIENCE_MS;
  while (isOpen(world.rig) && world.rig.time.nowMs() < untilMs) await pass(world, tickMs(world));
  agent.kill();
}

const isOpen = (rig: Rig): boolean => [0, 1].some((shard) => rig.shard(shard).state !== 'settled');

function startAgent({ rig, random, quickestMs, sends, ends }: World) {
  const agent = ends.length;
  const owner = `task/${agent}`;
  const [kill, stop, never] = [new AbortController(), new AbortController(), new AbortController()];
  const life = mortal(rig, random, kill.signal);
  const { time } = life;
  const engine = timedEngine({ time, random, agent, quickestMs, onSend: (send) => sends.push(send) });
  let exited = false;
  const stops = { stop: stop.signal, noNewLeases: never.signal, hurry: never.signal };
  void rig.start({ ...life, ...engine, owner, random: random.next }, stops).then(() => {
    exited = true;
  });
  return {
    owner,
    stop: (cause: StopCause) => stop.abort(cause),
    kill: () => kill.abort(),
    hasExited: () => exited,
  };
}

/** Often enough beside the Requests of a run, which may take minutes. */
const tickMs = ({ quickestMs }: World): number => Math.max(1000, quickestMs / 5);

/** Lets time pass, in which reports are recorded and open Shards dispatched. */
async function pass(world: World, ms: number): Promise<void> {
  const { rig } = world;
  const untilMs = rig.time.nowMs() + ms;
  for (let leftMs = ms; leftMs > 0; leftMs = untilMs - rig.time.nowMs()) {
    for (const number of [0, 1]) {
      const at = { nowMs: rig.time.nowMs(), minAgeMs: 30_000 };
      if (isDispatchable(rig.shard(number), at)) await rig.dispatch(number);
    }
    await rig.time.advance(Math.min(leftMs, tickMs(world)));
    await rig.record();
  }
}

async function expireLeases(rig: Rig, owner: string): Promise<void> {
  for (const number of [0, 1]) {
    const { fence } = rig.shard(number);
    await rig.records.change(recordKeys.shard(rig.shardId(number)), (shard) =>
      expireLease(shard, { owner, fence }, false),
    );
  }
}
