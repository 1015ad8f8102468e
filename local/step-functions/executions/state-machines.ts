import type { StateMachine } from '../definition/asl.ts';
import { parseDefinition } from '../definition/parse-definition.ts';
import { RequestError } from '../wire/request-error.ts';

export interface RegisteredStateMachine {
  readonly arn: string;
  readonly name: string;
  readonly source: string;
  readonly definition: StateMachine;
  readonly createdAtMs: number;
}

export interface StateMachines {
  /** Registers or replaces one; running executions go on with the definition that they started with. */
  create(machine: { readonly arn: string; readonly name: string; readonly definition: string }): void;
  find(arn: string): RegisteredStateMachine;
  list(): readonly RegisteredStateMachine[];
}

const ARN = /^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:stateMachine:.+$/;

/** The state machines of a stack; they come from the template at each start, so nothing of them is stored. */
export function createStateMachines(nowMs: () => number): StateMachines {
  const machines = new Map<string, RegisteredStateMachine>();
  return {
    create({ arn, name, definition }) {
      if (!ARN.test(arn))
        throw new Error(
          `'${arn}' is not the ARN of a state machine: arn:aws:states:<region>:<account>:stateMachine:<name>.`,
        );
      const parsed = parseDefinition(name, definition);
      machines.set(arn, { arn, name, source: definition, definition: parsed, createdAtMs: nowMs() });
    },
    find(arn) {
      const found = machines.get(arn);
      if (found !== undefined) return found;
      if (!ARN.test(arn)) throw new RequestError('InvalidArn', `Invalid Arn: '${arn}'`);
      throw new RequestError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    },
    list: () => [...machines.values()],
  };
}
