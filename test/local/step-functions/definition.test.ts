import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../../../local/step-functions/definition/parse-definition.ts';

const end = { Type: 'Pass', End: true };
const machine = (States: Record<string, object>, StartAt = 'A') =>
  JSON.stringify({ QueryLanguage: 'JSONata', StartAt, States });
const task = (extra: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  End: true,
  ...extra,
});

describe('parseDefinition', () => {
  it.each([
    ['no JSON', '{', 'It is not JSON'],
    ['JSONPath by default', JSON.stringify({ StartAt: 'A', States: { A: end } }), "JSONPath is used by 'A'"],
    [
      'JSONPath in one state',
      machine({ A: { ...end, QueryLanguage: 'JSONPath' } }),
      "JSONPath is used by 'A'",
    ],
    ['a JSONPath field', machine({ A: { ...end, ResultPath: '$.x' } }), 'ResultPath'],
    ['a start that is no state', machine({ A: end }, 'B'), "StartAt names 'B'"],
    ['a target that is no state', machine({ A: { Type: 'Pass', Next: 'B' } }), "goes on to 'B'"],
    ['a state without Next and End', machine({ A: { Type: 'Pass' } }), 'either Next or "End": true'],
    ['an expression that does not parse', machine({ A: { ...end, Output: '{% 1 + %}' } }), 'States/A/Output'],
    [
      'a misplaced States.ALL',
      machine({
        A: task({
          Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['Other'] }],
        }),
      }),
      'States.ALL to stand alone',
    ],
    [
      'a heartbeat as long as the timeout',
      machine({ A: task({ HeartbeatSeconds: 5, TimeoutSeconds: 5 }) }),
      'HeartbeatSeconds to be smaller',
    ],
    [
      'an integration that is not emulated',
      machine({ A: task({ Resource: 'arn:aws:states:::sqs:sendMessage' }) }),
      'sqs:sendMessage',
    ],
    [
      'a variable of an outer scope assigned in an inner one',
      machine({
        A: { Type: 'Pass', Assign: { v: 1 }, Next: 'M' },
        M: {
          Type: 'Map',
          ItemProcessor: { StartAt: 'I', States: { I: { ...end, Assign: { v: 2 } } } },
          End: true,
        },
      }),
      "assigns 'v', a variable of an outer scope",
    ],
    [
      'a name used twice',
      machine({
        A: { Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: end } }], End: true },
      }),
      "'A' is used twice",
    ],
  ])('refuses %s', (_what, definition, message) => {
    expect(() => parseDefinition('machine', definition)).toThrow(message);
    expect(() => parseDefinition('machine', definition)).toThrow("state machine 'machine'");
  });

  it('takes JSONata named by each state alone', () => {
    const definition = JSON.stringify({
      StartAt: 'A',
      States: { A: { ...end, QueryLanguage: 'JSONata' } },
    });
    expect(parseDefinition('machine', definition).StartAt).toBe('A');
  });
});
