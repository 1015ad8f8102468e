import { z } from 'zod';
import { checkTaskOutput } from '../executions/check-start.ts';
import type { TaskTokens } from '../executions/task-tokens.ts';
import { StateFailure } from '../interpreter/state-failure.ts';
import { type Action, action } from './action.ts';

/** SendTaskSuccess: "taskToken", at most 2,048 characters. */
const taskToken = z.string().min(1).max(2048);

/** The calls with which the holder of a task token ends or keeps alive its task. */
export function taskActions(tokens: TaskTokens): Record<string, Action> {
  return {
    SendTaskSuccess: action(z.object({ taskToken, output: z.string() }), ({ taskToken, output }) => {
      checkTaskOutput(output);
      tokens.find(taskToken).succeed(JSON.parse(output));
      return {};
    }),
    SendTaskFailure: action(
      z.object({
        taskToken,
        error: z.string().max(256).default(''),
        cause: z.string().max(32_768).default(''),
      }),
      ({ taskToken, error, cause }) => {
        tokens.find(taskToken).fail(new StateFailure(error, cause));
        return {};
      },
    ),
    SendTaskHeartbeat: action(z.object({ taskToken }), ({ taskToken }) => {
      tokens.find(taskToken).beat();
      return {};
    }),
  };
}
