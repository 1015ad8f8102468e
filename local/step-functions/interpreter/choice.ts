import type { ChoiceState } from '../definition/asl.ts';
import type { Step, Visit } from './run.ts';
import { StateFailure } from './state-failure.ts';
import { evaluateTo, leave } from './state-values.ts';

/** Takes the first rule whose Condition is true, else Default, else fails with States.NoChoiceMatched. */
export async function runChoice(visit: Visit, state: ChoiceState): Promise<Step> {
  for (const [index, rule] of state.Choices.entries()) {
    const field = `Choices[${index}]/Condition`;
    const matched = await evaluateTo(visit, rule.Condition, { field, type: 'boolean', is: isBoolean });
    if (matched) return leave(visit, rule, { otherwise: visit.input });
  }
  if (state.Default === undefined) {
    throw new StateFailure(
      'States.NoChoiceMatched',
      `An error occurred while executing the state '${visit.name}' (entered at the event id #${visit.enteredEventId}). Failed to transition out of the state. The state does not have a default choice and no rule matched.`,
    );
  }
  return leave(visit, { ...state, Next: state.Default }, { otherwise: visit.input });
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}
