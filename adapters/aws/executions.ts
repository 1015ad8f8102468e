import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import type { Executions, Machine } from '../../core/ports.ts';

/** Executions of the two state machines, by their ARNs. */
export function sfnExecutions(
  client: SFNClient,
  machineArns: Readonly<Partial<Record<Machine, string>>>,
): Executions {
  const arnOf = (machine: Machine): string => {
    const arn = machineArns[machine];
    if (arn === undefined) throw new Error(`This function is not wired to the state machine ${machine}.`);
    return arn;
  };
  return {
    async start(machine, name, input) {
      try {
        await client.send(
          new StartExecutionCommand({ stateMachineArn: arnOf(machine), name, input: JSON.stringify(input) }),
        );
        return 'started';
      } catch (error) {
        if (error instanceof ExecutionAlreadyExists) return 'exists';
        throw error;
      }
    },
    async isRunning(machine, name) {
      const executionArn = `${arnOf(machine).replace(':stateMachine:', ':execution:')}:${name}`;
      try {
        const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
        return status === 'RUNNING';
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return false;
        throw error;
      }
    },
    async sendToken(taskToken) {
      try {
        await client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }));
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
}

/** No one waits for the token any more. */
const isGone = (error: unknown): boolean =>
  error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken;
