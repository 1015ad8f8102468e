import { z } from 'zod';
import { roleArnOf } from '../executions/execution-run.ts';
import type { RegisteredStateMachine, StateMachines } from '../executions/state-machines.ts';
import { type Action, action } from './action.ts';
import { pageOf, pageRequest } from './paging.ts';

/** The calls about state machines, by their names on the wire (Step Functions API reference). */
export function stateMachineActions(machines: StateMachines): Record<string, Action> {
  return {
    ListStateMachines: action(pageRequest, (request) => {
      const page = pageOf(request, (offset, limit) => machines.list().slice(offset, offset + limit));
      return { stateMachines: page.items.map(summary), nextToken: page.nextToken };
    }),
    DescribeStateMachine: action(z.object({ stateMachineArn: z.string() }), ({ stateMachineArn }) => {
      const machine = machines.find(stateMachineArn);
      const roleArn = roleArnOf(machine.arn);
      return { ...summary(machine), status: 'ACTIVE', definition: machine.source, roleArn };
    }),
  };
}

function summary({ arn, name, createdAtMs }: RegisteredStateMachine): object {
  return { stateMachineArn: arn, name, type: 'STANDARD', creationDate: createdAtMs / 1000 };
}
