import { recordKeys } from '../../core/keys.ts';
import type { Hint } from '../../core/ports.ts';
import { expireLease } from '../../core/protocol/poison.ts';
import { runAttempt } from './attempt.ts';
import { simPorts } from './sim-ports.ts';
import type { Actor } from './stage.ts';
import { FLEET, type World } from './world.ts';

/** Polls without a hint after which an agent ends. */
const IDLE_POLLS = 4;
const POLL_MS = 20_000;
/** From SIGTERM to SIGKILL. */
const STOP_TIMEOUT_MS = 120_000;

export const LEASE_MS = 60_000;
export const RENEW_MS = 20_000;

/** Starts a GPU task. Its end makes a STOPPED event, which may be lost, late or doubled. */
export function startTask(world: World): void {
  const { stage } = world;
  const task = world.newName('task-');
  const actor = stage.spawn(task, (self) => lead(world, self), {
    onEnd: () => stoppedEvents(world, task),
  });
  world.tasks.set(task, { actor, terminating: false, diedByItself: false });
}

async function lead(world: World, actor: Actor): Promise<void> {
  const { stage } = world;
  await stage.sleep(actor, stage.random.int(0, 5000));
  for (let idle = 0; idle < IDLE_POLLS && world.tasks.get(actor.name)?.terminating === false; ) {
    const hint = await stage.effect(actor, 'receive', () => receive(world)).catch(() => null);
    if (hint === null) {
      idle++;
      maybeTerminate(world, actor);
      await stage.sleep(actor, POLL_MS);
    } else {
      idle = 0;
      await runAttempt(world, actor, hint);
    }
  }
}

/** At least once: a hint may stay in the queue though it was received. */
function receive(world: World): Hint | null {
  const hint = world.hints.take();
  if (hint !== null && !world.stage.isCalm() && world.stage.random.chance(0.1)) world.hints.post(hint);
  return hint;
}

/** SIGTERM now and then, SIGKILL in time: an Interruption. */
export function maybeTerminate(world: World, actor: Actor): void {
  const { stage } = world;
  const task = world.tasks.get(actor.name);
  if (task === undefined || stage.isCalm() || !stage.random.chance(world.bias.terminate)) return;
  task.terminating = true;
  stage.note(actor, 'SIGTERM', '');
  stage.spawn(
    `reaper of ${actor.name}`,
    async (reaper) => {
      await stage.sleep(reaper, STOP_TIMEOUT_MS);
      if (actor.alive) stage.kill(actor);
    },
    { mortal: false },
  );
}

function stoppedEvents(world: World, task: string): void {
  const { stage } = world;
  const times = stage.isCalm() ? 1 : stage.random.int(0, 2);
  for (let i = 0; i < times; i++) {
    stage.spawn(`stopped ${task}`, async (actor) => {
      await stage.sleep(actor, stage.random.int(0, 60_000));
      await expireLeasesOf(world, actor, task);
    });
  }
}

/** What the signals function and the plan do for a Task that is known to have stopped. */
export async function expireLeasesOf(world: World, actor: Actor, task: string): Promise<void> {
  const { records } = simPorts(world, actor);
  for (const { tenant, batchId } of await records.query(recordKeys.fleetBatches(FLEET))) {
    for (const shard of await records.query(recordKeys.shards(tenant, batchId))) {
      if (shard.lease?.owner !== task) continue;
      const holder = { owner: task, fence: shard.fence };
      const died = world.tasks.get(task)?.diedByItself ?? false;
      await records.change(recordKeys.shard(shard), (current) => expireLease(current, holder, died));
    }
  }
}
