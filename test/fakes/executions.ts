import type { Executions, Machine } from '../../core/ports.ts';
import { frozenCopy } from './frozen.ts';

export interface MemoryExecution {
  readonly machine: Machine;
  readonly name: string;
  readonly input: unknown;
  readonly running: boolean;
}

export interface MemoryExecutions extends Executions {
  /** In the order of their start. */
  all(): readonly MemoryExecution[];
  /** Closes an execution; its name stays taken. */
  end(machine: Machine, name: string): void;
  /** Tokens that were sent, in order. */
  readonly tokens: readonly string[];
}

/** Executions in memory: names stay taken for ever, tokens are noted. */
export function memoryExecutions(): MemoryExecutions {
  const executions = new Map<string, MemoryExecution>();
  const tokens: string[] = [];
  const idOf = (machine: Machine, name: string): string => `${machine}/${name}`;
  return {
    tokens,
    all: () => [...executions.values()],
    async start(machine, name, input) {
      if (executions.has(idOf(machine, name))) return 'exists';
      executions.set(idOf(machine, name), { machine, name, input: frozenCopy(input), running: true });
      return 'started';
    },
    isRunning: async (machine, name) => executions.get(idOf(machine, name))?.running ?? false,
    end(machine, name) {
      const execution = executions.get(idOf(machine, name));
      if (execution === undefined) throw new Error(`There is no execution ${name} of ${machine}.`);
      executions.set(idOf(machine, name), { ...execution, running: false });
    },
    sendToken: async (token) => void tokens.push(token),
  };
}
