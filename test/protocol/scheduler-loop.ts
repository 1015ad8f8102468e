import { recordKeys } from '../../core/keys.ts';
import { dispatch, isDispatchable } from '../../core/protocol/lease.ts';
import { beginPlan, type Loop, registerWaiter, stopLoop } from '../../core/protocol/loop.ts';
import { expireLease } from '../../core/protocol/poison.ts';
import type { Shard } from '../../core/protocol/shard.ts';
import { type SchedulerInput, startLoop } from '../../core/protocol/start-execution.ts';
import { expireLeasesOf, startTask } from './agent.ts';
import { awaitToken, callStep } from './machines.ts';
import type { SimPorts } from './sim-ports.ts';
import type { Actor } from './stage.ts';
import { FLEET, type World } from './world.ts';

const AWAIT_MS = 60_000;
const MIN_DISPATCH_AGE_MS = 60_000;
/** As of two Tasks. */
const SETTLES_UNTIL_PLAN = 2;
/** Few, so that loops continue as new often. */
const ITERATIONS = 6;

type Planned =
  | { readonly kind: 'await' | 'stop'; readonly loop: Loop }
  | { readonly kind: 'superseded'; readonly loop: null };

/** The fleet-scheduler, with the simplest plan that keeps to the protocol. */
export async function runLoop(world: World, machine: Actor, { generation }: SchedulerInput): Promise<void> {
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const planned = await callStep(world, machine, 'plan', (ports, actor) =>
      plan(world, ports, actor, generation),
    );
    if (planned.kind === 'superseded') return;
    const wakeSeqSeen = planned.loop.wakeSeq;
    if (planned.kind === 'stop') {
      const stopped = await callStep(world, machine, 'stop', ({ records }) =>
        records.change(recordKeys.loop(FLEET), (loop) => stopLoop(loop, { generation, wakeSeqSeen })),
      );
      if (stopped !== 'more-work') return;
    } else {
      await awaitToken(world, machine, AWAIT_MS, (token) =>
        callStep(world, machine, 'loop wait', async ({ records, executions }) => {
          const wait = { generation, wakeSeqSeen, settlesUntilPlan: SETTLES_UNTIL_PLAN, token };
          const waiting = await records.change(recordKeys.loop(FLEET), (loop) => registerWaiter(loop, wait));
          if (waiting !== 'waiting') await executions.sendToken(token);
        }),
      );
    }
  }
  await callStep(world, machine, 'continue loop', (ports) => startLoop(ports, FLEET, generation));
}

async function plan(world: World, ports: SimPorts, actor: Actor, generation: number): Promise<Planned> {
  const { records, clock } = ports;
  const begun = await records.change(recordKeys.loop(FLEET), (loop) =>
    beginPlan(loop, { generation, nowMs: clock.nowMs() }),
  );
  if (begun.kind === 'superseded') return { kind: 'superseded', loop: null };
  let open = false;
  for (const { tenant, batchId } of await records.query(recordKeys.fleetBatches(FLEET))) {
    const batch = await records.read(recordKeys.batch(tenant, batchId));
    if (batch?.phase.kind !== 'enrolled') continue;
    for (const shard of await records.query(recordKeys.shards(tenant, batchId))) {
      if (shard.state !== 'open') continue;
      open ||= !batch.paused;
      await planShard(world, ports, actor, { shard, paused: batch.paused });
    }
  }
  if (open) runTasks(world);
  return { kind: open ? 'await' : 'stop', loop: begun.loop };
}

async function planShard(
  world: World,
  { records, clock }: SimPorts,
  actor: Actor,
  { shard, paused }: { readonly shard: Shard; readonly paused: boolean },
): Promise<void> {
  const owner = shard.lease?.owner;
  if (owner !== undefined && paused) {
    const holder = { owner, fence: shard.fence };
    await records.change(recordKeys.shard(shard), (current) => expireLease(current, holder, false));
  } else if (owner !== undefined && world.tasks.get(owner)?.actor.alive === false) {
    if (world.stage.random.chance(0.5)) await expireLeasesOf(world, actor, owner);
  }
  const at = { seenSeq: shard.dispatchSeq, nowMs: clock.nowMs(), minAgeMs: MIN_DISPATCH_AGE_MS };
  if (paused || !isDispatchable(shard, at)) return;
  const dispatched = await records.change(recordKeys.shard(shard), (current) => dispatch(current, at));
  if (dispatched.kind === 'refused') return;
  const { tenant, batchId, number } = shard;
  const hint = { shard: { tenant, batchId, number }, dispatchSeq: dispatched.dispatchSeq };
  await world.stage.effect(actor, `dispatch ${number}#${hint.dispatchSeq}`, () => world.hints.post(hint));
}

function runTasks(world: World): void {
  const alive = [...world.tasks.values()].filter(({ actor }) => actor.alive).length;
  if (alive < world.bias.maxAgents) startTask(world);
}
