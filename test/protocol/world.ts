import type { Batch } from '../../core/batch/batch.ts';
import type { FleetId } from '../../core/ids.ts';
import type { Hint } from '../../core/ports.ts';
import { memoryObjects } from '../fakes/objects.ts';
import { memoryRecords } from '../fakes/records.ts';
import type { Bias } from './biases.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { PROCEDURES, type Procedures } from './procedures.ts';
import { type Actor, openStage, type Stage } from './stage.ts';

export const FLEET = 'fleet-a' as FleetId;

export interface Execution {
  readonly generation: number;
  running: boolean;
  actor: Actor | null;
}

/** Everything that outlives an actor. */
export interface World {
  readonly stage: Stage;
  readonly bias: Bias;
  readonly procedures: Procedures;
  readonly records: ReturnType<typeof memoryRecords>;
  readonly objects: ReturnType<typeof memoryObjects>;
  readonly ledger: Ledger;
  readonly hints: Mailbox<Hint>;
  readonly executions: Map<string, Execution>;
  /** Waits of executions by token. */
  readonly tokens: Map<string, () => void>;
  readonly tasks: Map<string, { readonly actor: Actor; terminating: boolean; diedByItself: boolean }>;
  /** Batches by id, as the clients created them. */
  readonly batches: Batch[];
  readonly poison: Set<string>;
  newName(prefix: string): string;
}

export interface Mailbox<T> {
  post(message: T): void;
  /** One that is due, in no order; null: none is. */
  take(): T | null;
  waiting(): number;
}

function openMailbox<T>(stage: Stage, rates: Bias['messages']): Mailbox<T> {
  const messages: { readonly message: T; readonly atMs: number }[] = [];
  const { random } = stage;
  return {
    post(message) {
      const faulty = !stage.isCalm();
      if (faulty && random.chance(rates.lost)) return;
      const copies = faulty && random.chance(rates.doubled) ? 2 : 1;
      for (let i = 0; i < copies; i++) {
        const delayMs = faulty && random.chance(rates.delayed) ? random.int(0, 200_000) : 0;
        messages.push({ message, atMs: stage.nowMs() + delayMs });
      }
    },
    take() {
      const ready = messages.filter(({ atMs }) => atMs <= stage.nowMs());
      if (ready.length === 0) return null;
      const taken = random.pick(ready);
      messages.splice(messages.indexOf(taken), 1);
      return taken.message;
    },
    waiting: () => messages.length,
  };
}

export function openWorld(seed: number, bias: Bias, mutation: Partial<Procedures>): World {
  const stage = openStage(seed, bias.faults);
  const records = memoryRecords();
  let names = 0;
  return {
    stage,
    bias,
    procedures: { ...PROCEDURES, ...mutation },
    records,
    objects: memoryObjects(),
    ledger: openLedger(stage),
    hints: openMailbox(stage, bias.messages),
    executions: new Map(),
    tokens: new Map(),
    tasks: new Map(),
    batches: [],
    poison: new Set(),
    newName: (prefix) => `${prefix}${++names}`,
  };
}
