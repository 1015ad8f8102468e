import type { LifecycleInput } from '../../core/protocol/lifecycle.ts';
import type { SchedulerInput } from '../../core/protocol/start-execution.ts';
import { runLifecycle } from './lifecycle.ts';
import { runLoop } from './scheduler-loop.ts';
import { type SimPorts, simPorts } from './sim-ports.ts';
import type { Actor } from './stage.ts';
import type { World } from './world.ts';

/** Step Functions: an execution's name stays taken when it is closed. */
export function startMachine(
  world: World,
  machine: string,
  name: string,
  input: unknown,
): 'started' | 'exists' {
  const taken = world.executions.get(name);
  if (taken !== undefined) return taken.running ? 'started' : 'exists';
  const { generation } = input as { readonly generation: number };
  const execution = { generation, running: true, actor: null as Actor | null };
  world.executions.set(name, execution);
  const run = (self: Actor): Promise<void> =>
    machine === 'batch-lifecycle'
      ? runLifecycle(world, self, input as LifecycleInput)
      : runLoop(world, self, input as SchedulerInput);
  execution.actor = world.stage.spawn(name, run, {
    mortal: false,
    onEnd: () => {
      execution.running = false;
    },
  });
  return 'started';
}

/** At most: most calls are done in a second, a stalled one in minutes. */
const TIMEOUTS_MS = [100, 1000, 60_000];
/** Calls of one step before its execution fails. */
const MAX_CALLS = 3;

/**
 * One step of an execution: a function is called, and called again where it fails, dies, or takes so long that the
 * service gives up on it (then it goes on by itself). Throws, and so ends the execution, after the last call.
 */
export async function callStep<R>(
  world: World,
  machine: Actor,
  name: string,
  step: (ports: SimPorts, actor: Actor) => Promise<R>,
): Promise<R> {
  const { stage } = world;
  for (let calls = 0; calls < MAX_CALLS; calls++) {
    if (!stage.isCalm() && stage.random.chance(world.bias.executionDies)) throw new Error('aborted');
    const answer = await callOnce(world, name, step);
    if (answer !== null) return answer.result;
    await stage.sleep(machine, 1000 * 2 ** calls);
  }
  throw new Error(`${name} failed ${MAX_CALLS} times`);
}

function callOnce<R>(
  world: World,
  name: string,
  step: (ports: SimPorts, actor: Actor) => Promise<R>,
): Promise<{ readonly result: R } | null> {
  const { stage } = world;
  return new Promise((resolve) => {
    stage.spawn(
      world.newName(`${name} `),
      async (actor) => {
        const result = await step(simPorts(world, actor), actor);
        resolve({ result });
      },
      { onEnd: () => resolve(null) },
    );
    if (stage.isCalm() || !stage.random.chance(world.bias.stepTimeout)) return;
    stage.spawn(
      `${name} timeout`,
      async (timer) => {
        await stage.sleep(timer, stage.random.int(0, stage.random.pick(TIMEOUTS_MS)));
        resolve(null);
      },
      { mortal: false },
    );
  });
}

/** A state that waits for its task token, for a time at most. */
export async function awaitToken(
  world: World,
  machine: Actor,
  timeoutMs: number,
  begin: (token: string) => Promise<unknown>,
): Promise<void> {
  const token = world.newName('token-');
  const answered = new Promise<void>((resolve) => {
    world.tokens.set(token, resolve);
  });
  // A call that fails leaves the wait to its timeout.
  void begin(token).catch(() => undefined);
  await Promise.race([answered, world.stage.sleep(machine, timeoutMs)]);
  world.tokens.delete(token);
}
