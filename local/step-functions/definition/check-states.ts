import type { Branch, Catcher, Retrier, State } from './asl.ts';
import { findResource, RESOURCE_NAMES } from './resources.ts';

/** What is wrong with a definition whose shape is right: one sentence each, naming the state. */
export function checkStates(root: Branch): string[] {
  return [...checkBranch(root, new Set()), ...duplicateNames(root)];
}

function checkBranch(branch: Branch, outerVariables: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  const names = new Set(Object.keys(branch.States));
  if (!names.has(branch.StartAt)) problems.push(`StartAt names '${branch.StartAt}', which is not a state.`);
  const variables = new Set(outerVariables);
  for (const [name, state] of Object.entries(branch.States)) {
    for (const assigned of assignedNames(state)) {
      if (outerVariables.has(assigned))
        problems.push(`State '${name}' assigns '${assigned}', a variable of an outer scope.`);
      if (!/^[\p{L}_][\p{L}\p{N}_]{0,79}$/u.test(assigned) || assigned === 'states')
        problems.push(`State '${name}' assigns '${assigned}', which is not a variable name.`);
      variables.add(assigned);
    }
    problems.push(...checkState(state, names).map((problem) => `State '${name}' ${problem}`));
  }
  const inner = Object.values(branch.States).flatMap(branchesOf);
  return [...problems, ...inner.flatMap((each) => checkBranch(each, variables))];
}

function checkState(state: State, names: ReadonlySet<string>): string[] {
  const problems = targetsOf(state)
    .filter((target) => !names.has(target))
    .map((target) => `goes on to '${target}', which is not a state beside it.`);
  if (state.Type !== 'Choice' && state.Type !== 'Succeed' && state.Type !== 'Fail')
    if ((state.Next !== undefined) === (state.End === true))
      problems.push('needs either Next or "End": true.');
  if (state.Type === 'Task') problems.push(...checkTask(state));
  if (state.Type === 'Wait' && (state.Seconds === undefined) === (state.Timestamp === undefined))
    problems.push('needs either Seconds or Timestamp.');
  if ('Retry' in state) problems.push(...misplacedWildcard('Retry', state.Retry));
  if ('Catch' in state) problems.push(...misplacedWildcard('Catch', state.Catch));
  return problems;
}

function checkTask(state: State & { Type: 'Task' }): string[] {
  const problems: string[] = [];
  if (findResource(state.Resource) === undefined)
    problems.push(
      `uses '${state.Resource}', which the local stack does not run; it runs ${RESOURCE_NAMES.join(', ')}.`,
    );
  const { TimeoutSeconds, HeartbeatSeconds } = state;
  if (typeof TimeoutSeconds === 'number' && typeof HeartbeatSeconds === 'number')
    if (HeartbeatSeconds >= TimeoutSeconds)
      problems.push('needs HeartbeatSeconds to be smaller than TimeoutSeconds.');
  return problems;
}

function misplacedWildcard(field: string, entries: readonly (Retrier | Catcher)[] | undefined): string[] {
  return (entries ?? []).flatMap(({ ErrorEquals }, index, all) => {
    if (!ErrorEquals.includes('States.ALL')) return [];
    if (ErrorEquals.length === 1 && index === all.length - 1) return [];
    return [`needs States.ALL to stand alone and in the last entry of ${field}.`];
  });
}

function targetsOf(state: State): string[] {
  const targets: (string | undefined)[] = [];
  if ('Next' in state) targets.push(state.Next);
  if ('Catch' in state) targets.push(...(state.Catch ?? []).map((catcher) => catcher.Next));
  if (state.Type === 'Choice') targets.push(state.Default, ...state.Choices.map((rule) => rule.Next));
  return targets.filter((target) => target !== undefined);
}

function assignedNames(state: State): Set<string> {
  const assigns: (Record<string, unknown> | undefined)[] = [];
  if ('Assign' in state) assigns.push(state.Assign);
  if ('Catch' in state) assigns.push(...(state.Catch ?? []).map((catcher) => catcher.Assign));
  if (state.Type === 'Choice') assigns.push(...state.Choices.map((rule) => rule.Assign));
  return new Set(assigns.flatMap((each) => Object.keys(each ?? {})));
}

function branchesOf(state: State): readonly Branch[] {
  if (state.Type === 'Parallel') return state.Branches;
  return state.Type === 'Map' ? [state.ItemProcessor] : [];
}

function duplicateNames(root: Branch): string[] {
  const seen = new Set<string>();
  const problems: string[] = [];
  const visit = (branch: Branch): void => {
    for (const [name, state] of Object.entries(branch.States)) {
      if (seen.has(name)) problems.push(`The state name '${name}' is used twice.`);
      seen.add(name);
      branchesOf(state).forEach(visit);
    }
  };
  visit(root);
  return problems;
}
