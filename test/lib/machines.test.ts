import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { type Machine, machinesOf, type State, synthesized } from './synthesized.ts';

/** It ships no types. */
const validate = createRequire(import.meta.url)('asl-validator') as (definition: object) => {
  errorsText(): string;
};

const machines = machinesOf(synthesized('dev'));
const states = ({ definition }: Machine): readonly (readonly [string, State])[] =>
  Object.entries(definition.States);

const nextOf = (state: State): readonly string[] => [
  ...(state.Next === undefined ? [] : [state.Next]),
  ...(state.Default === undefined ? [] : [state.Default]),
  ...(state.Choices ?? []).map((choice) => choice.Next),
  ...(state.Catch ?? []).map((catcher) => catcher.Next),
];

it('defines the lifecycle of a Batch and the loop of a Fleet', () => {
  expect(machines.map(({ name }) => name).sort()).toEqual([
    'Slackline-batch-lifecycle',
    'Slackline-fleet-scheduler',
  ]);
});

describe.each(machines.map((machine) => [machine.name, machine] as const))('%s', (_, machine) => {
  it('is legal JSONata ASL', () => {
    expect(validate(structuredClone(machine.definition)).errorsText()).toBe('');
    expect(machine.definition.QueryLanguage).toBe('JSONata');
  });

  it('retries every Task with full jitter and catches what lasts', () => {
    for (const [name, state] of states(machine)) {
      if (state.Type !== 'Task') continue;
      const retry = state.Retry?.find((each) => each.ErrorEquals.includes('States.ALL'));
      expect(retry?.JitterStrategy, name).toBe('FULL');
      expect(retry?.MaxAttempts, name).toBeGreaterThan(0);
      expect(
        state.Catch?.some((each) => each.ErrorEquals.includes('States.ALL')),
        name,
      ).toBe(true);
    }
  });

  it('catches the end of a wait before anything else, and retries it never', () => {
    const waits = states(machine).filter(([, state]) => state.Resource?.endsWith('.waitForTaskToken'));
    expect(waits).toHaveLength(3);
    for (const [name, state] of waits) {
      expect(state.TimeoutSeconds, name).toBeGreaterThan(0);
      expect(state.Retry?.[0], name).toMatchObject({ ErrorEquals: ['States.Timeout'], MaxAttempts: 0 });
      expect(state.Catch?.[0]?.ErrorEquals, name).toEqual(['States.Timeout']);
    }
  });

  it('reaches every state, and an end from every state', () => {
    const { StartAt, States } = machine.definition;
    const reachable = reach([StartAt], (name) => nextOf(States[name] ?? { Type: '' }));
    expect([...reachable].sort()).toEqual(Object.keys(States).sort());
    for (const name of Object.keys(States)) {
      const ends = [...reach([name], (each) => nextOf(States[each] ?? { Type: '' }))].filter((each) =>
        ['Succeed', 'Fail'].includes(States[each]?.Type ?? ''),
      );
      expect(ends, name).not.toEqual([]);
    }
  });
});

function reach(from: readonly string[], next: (name: string) => readonly string[]): ReadonlySet<string> {
  const seen = new Set(from);
  for (const name of seen) for (const each of next(name)) seen.add(each);
  return seen;
}
