import { z } from 'zod';
import { compileExpression, expressionIn } from '../expressions/compile.ts';
import { type StateMachine, stateMachine } from './asl.ts';
import { checkStates } from './check-states.ts';

/**
 * Reads an Amazon States Language definition in JSONata, checked as far as AWS's CreateStateMachine checks it.
 * Throws an error naming the state machine and every problem, JSONPath and unknown integrations included.
 */
export function parseDefinition(name: string, definition: string): StateMachine {
  const json = readJson(name, definition);
  const jsonPathStates = statesInJsonPath(json);
  if (jsonPathStates.length > 0) {
    refuse(name, [
      `The query language must be JSONata ("QueryLanguage": "JSONata"); JSONPath is used by ${jsonPathStates.join(', ')}.`,
    ]);
  }
  const parsed = stateMachine.safeParse(json);
  if (!parsed.success) return refuse(name, [z.prettifyError(parsed.error)]);
  const problems = [...checkStates(parsed.data), ...wrongExpressions(parsed.data, '')];
  return problems.length === 0 ? parsed.data : refuse(name, problems);
}

function readJson(name: string, definition: string): unknown {
  try {
    return JSON.parse(definition);
  } catch (error) {
    return refuse(name, [`It is not JSON: ${(error as Error).message}`]);
  }
}

function refuse(name: string, problems: readonly string[]): never {
  throw new Error(`The definition of state machine '${name}' cannot be run. ${problems.join('\n')}`);
}

/** The default is JSONPath, so a state is in JSONata only if it or the machine says so. */
function statesInJsonPath(json: unknown): string[] {
  const { QueryLanguage, States } = Object(json) as { QueryLanguage?: unknown; States?: unknown };
  return Object.entries(Object(States) as object)
    .filter(([, state]) => (Object(state).QueryLanguage ?? QueryLanguage) !== 'JSONata')
    .map(([name]) => `'${name}'`);
}

function wrongExpressions(value: unknown, path: string): string[] {
  if (typeof value === 'string') {
    const expression = expressionIn(value);
    if (expression === undefined) return [];
    const compiled = compileExpression(expression);
    return compiled.ok ? [] : [`${path.slice(1)}: ${compiled.message}`];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([key]) => key !== 'Comment')
    .flatMap(([key, each]) => wrongExpressions(each, `${path}/${key}`));
}
