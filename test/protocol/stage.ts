import { type Random, seededRandom } from './random.ts';

/** Whoever may die: an agent, a call of a function, an execution, a client. */
export interface Actor {
  readonly name: string;
  /** Its clock runs ahead of the true time by this much. */
  readonly skewMs: number;
  /** Faults strike its effects. Executions are run by a service that does not forget. */
  readonly mortal: boolean;
  alive: boolean;
  stalledUntilMs: number;
  readonly onEnd: (how: 'done' | 'died') => void;
}

interface Pending {
  readonly actor: Actor;
  readonly label: string;
  readonly atMs: number;
  readonly perform: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  /** A sleep has no effect that could be lost. */
  readonly sleep: boolean;
  /** After a lost answer the adapter tries the same again. */
  readonly retries: boolean;
}

/**
 * Rates by effect, while there is chaos: the actor dies (before or after it), the effect is applied and its answer
 * lost, not applied, applied long after it was given up; or the actor stalls and then goes on as if nothing was.
 */
export interface Faults {
  readonly die: number;
  readonly loseAnswer: number;
  readonly fail: number;
  readonly applyLate: number;
  readonly stall: number;
}

/** Pairs of clocks differ by at most the grace of 30 s. */
const MAX_SKEW_MS = 15_000;
const MAX_STALL_MS = 150_000;

/** Runs actors one effect at a time, in an order, with faults and at times that follow from the seed. */
export function openStage(seed: number, faults: Faults) {
  const random: Random = seededRandom(seed);
  const trace: (readonly [number, string, string, string])[] = [];
  const actors: Actor[] = [];
  let pending: Pending[] = [];
  let nowMs = 0;
  let chaos = true;
  let effects = 0;

  function spawn(
    name: string,
    act: (actor: Actor) => Promise<void>,
    options: { readonly mortal?: boolean; readonly onEnd?: (how: 'done' | 'died') => void } = {},
  ): Actor {
    const skewMs = random.int(-MAX_SKEW_MS, MAX_SKEW_MS);
    const { mortal = true, onEnd = () => undefined } = options;
    const actor: Actor = { name, skewMs, mortal, alive: true, stalledUntilMs: 0, onEnd };
    actors.push(actor);
    void act(actor).then(
      () => end(actor, 'done'),
      (error: unknown) => {
        note(actor, `failed: ${error instanceof Error ? error.message : String(error)}`, '');
        end(actor, 'died');
      },
    );
    return actor;
  }

  function end(actor: Actor, how: 'done' | 'died'): void {
    if (!actor.alive) return;
    actor.alive = false;
    pending = pending.filter((effect) => effect.actor !== actor);
    actor.onEnd(how);
  }

  function kill(actor: Actor): void {
    note(actor, 'killed', '');
    end(actor, 'died');
  }

  /** A disaster: nobody lives on, those who never die among them. */
  function killAll(): void {
    for (const actor of [...actors]) kill(actor);
  }

  const note = (actor: Actor, label: string, fault: string): void =>
    void trace.push([nowMs, actor.name, label, fault]);

  function effect<T>(
    actor: Actor,
    label: string,
    perform: () => T | Promise<T>,
    options: { readonly retries?: boolean; readonly afterMs?: number; readonly sleep?: boolean } = {},
  ): Promise<T> {
    const { retries = false, afterMs = 0, sleep = false } = options;
    return new Promise<T>((resolve, reject) => {
      if (!actor.alive) return;
      const settle = { resolve: resolve as (value: unknown) => void, reject };
      pending.push({ actor, label, atMs: nowMs + afterMs, perform, ...settle, retries, sleep });
    });
  }

  const sleep = (actor: Actor, ms: number): Promise<void> =>
    effect(actor, 'slept', () => undefined, { afterMs: ms, sleep: true });

  const due = ({ atMs, actor }: Pending): number => Math.max(atMs, actor.stalledUntilMs);

  function takeNext(): Pending | null {
    if (pending.length === 0) return null;
    let ready = pending.filter((one) => due(one) <= nowMs);
    if (ready.length === 0) {
      nowMs = Math.min(...pending.map(due));
      ready = pending.filter((one) => due(one) <= nowMs);
    }
    const next = random.pick(ready);
    pending.splice(pending.indexOf(next), 1);
    return next;
  }

  function strike(next: Pending): string {
    if (!chaos || !next.actor.mortal) return '';
    let dice = random.next();
    for (const [fault, rate] of Object.entries(faults)) {
      if (dice < rate) return fault;
      dice -= rate;
    }
    return '';
  }

  function perform(next: Pending): void {
    const fault = strike(next);
    if (!next.sleep || fault !== '') note(next.actor, next.label, fault);
    if (fault === 'die') {
      if (random.chance(0.5)) void next.perform();
      kill(next.actor);
    } else if (fault === 'stall') {
      next.actor.stalledUntilMs = nowMs + random.int(1000, MAX_STALL_MS);
      pending.push(next);
    } else if (fault === '' || next.sleep) {
      next.resolve(next.perform());
    } else if (fault === 'loseAnswer') {
      void next.perform();
      if (next.retries) pending.push(next);
      else next.reject(new Error('the answer was lost'));
    } else if (fault === 'applyLate') {
      haunt(next);
      next.reject(new Error('timed out, may be applied yet'));
    } else {
      next.reject(new Error('not applied'));
    }
  }

  /** The request is on its way: it is applied some time, whatever becomes of the actor. */
  function haunt({ label, perform: late }: Pending): void {
    spawn(
      `late ${label}`,
      (ghost) => effect(ghost, label, () => void late(), { afterMs: random.int(0, 90_000) }),
      {
        mortal: false,
      },
    );
  }

  /** Lets one effect happen. False: nobody has anything left to do. */
  async function step(): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve));
    const next = takeNext();
    if (next === null) return false;
    effects++;
    nowMs += random.chance(0.05) ? random.int(100, 20_000) : random.int(0, 50);
    perform(next);
    return true;
  }

  return {
    random,
    spawn,
    kill,
    killAll,
    effect,
    sleep,
    step,
    note,
    nowMs: () => nowMs,
    effects: () => effects,
    isCalm: () => !chaos,
    calm: () => {
      chaos = false;
    },
    trace: () => trace.map((line) => line.join(' | ')),
  };
}

export type Stage = ReturnType<typeof openStage>;
