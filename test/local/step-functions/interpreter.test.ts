import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failWith, jsonata, LAMBDA, type Stack, startStack, succeed, typesOf } from './stack.ts';

let stack: Stack;
let calls: unknown[];

beforeEach(async () => {
  calls = [];
  stack = await startStack({
    echo: (payload) => {
      calls.push(payload);
      return succeed(payload);
    },
    large: () => succeed('x'.repeat(256 * 1024)),
    broken: () => failWith('Broken', 'it broke'),
  });
});
afterEach(() => stack.close());

const single = (state: object) => jsonata({ StartAt: 'Only', States: { Only: { End: true, ...state } } });
const pass = (Output: unknown) => single({ Type: 'Pass', Output });

async function outputOf(definition: object, input: unknown = {}): Promise<unknown> {
  stack.create('machine', definition);
  const ended = await stack.run('machine', input);
  expect(ended, ended.cause).toMatchObject({ status: 'SUCCEEDED' });
  return JSON.parse(ended.output ?? 'null');
}

async function failureOf(definition: object, input: unknown = {}) {
  stack.create('machine', definition);
  const { status, error, cause } = await stack.run('machine', input);
  expect(status).toBe('FAILED');
  return { error, cause };
}

describe('Task', () => {
  it('gives a Lambda its Payload and answers in the shape of the Invoke call', async () => {
    const task = {
      Type: 'Task',
      Resource: LAMBDA,
      Arguments: { FunctionName: 'echo', Payload: { twice: '{% $states.input.n * 2 %}', plain: 'n' } },
    };
    expect(await outputOf(single(task), { n: 21 })).toEqual({
      ExecutedVersion: '$LATEST',
      Payload: { twice: 42, plain: 'n' },
      StatusCode: 200,
    });
    expect(calls).toEqual([{ twice: 42, plain: 'n' }]);
  });

  it('fails with the error name and cause of the function', async () => {
    const task = { Type: 'Task', Resource: LAMBDA, Arguments: { FunctionName: 'broken' } };
    expect(await failureOf(single(task))).toEqual({ error: 'Broken', cause: 'it broke' });
  });

  it('fails a result over 256 KiB in a way that States.ALL does not catch but its name does', async () => {
    const caught = (errorName: string) =>
      jsonata({
        StartAt: 'Call',
        States: {
          Call: {
            Type: 'Task',
            Resource: LAMBDA,
            Arguments: { FunctionName: 'large' },
            Catch: [{ ErrorEquals: [errorName], Next: 'Caught' }],
            End: true,
          },
          Caught: { Type: 'Succeed' },
        },
      });
    expect((await failureOf(caught('States.ALL'))).error).toBe('States.DataLimitExceeded');
    expect(await outputOf(caught('States.DataLimitExceeded'))).toMatchObject({
      Error: 'States.DataLimitExceeded',
    });
  });

  it('fails for good with States.Runtime when FunctionName is missing', async () => {
    const task = { Type: 'Task', Resource: LAMBDA, Arguments: { Payload: {} } };
    const { error, cause } = await failureOf(single(task));
    expect(error).toBe('States.Runtime');
    expect(cause).toContain("'FunctionName'");
  });
});

describe('JSONata', () => {
  it('shows the context of the execution and the state', async () => {
    stack.create('machine', pass('{% $states.context %}'));
    const arn = await stack.start('machine', { a: 1 }, 'first');
    const ended = await stack.describe(arn);
    const instant = new Date(stack.clock.nowMs()).toISOString();
    expect(JSON.parse(ended.output ?? '')).toEqual({
      Execution: { Id: arn, Name: 'first', Input: { a: 1 }, StartTime: instant, RedriveCount: 0 },
      State: { Name: 'Only', EnteredTime: instant, RetryCount: 0 },
      StateMachine: { Id: ended.stateMachineArn, Name: 'machine' },
    });
  });

  it.each([
    ['$partition([1..5], 2)', [[1, 2], [3, 4], [5]]],
    ['$range(0, 10, 5)', [0, 5, 10]],
    ['$range(3, 1, -1)', [3, 2, 1]],
    ["$hash('abc', 'SHA-1')", 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['$parse("{\\"a\\": [1]}")', { a: [1] }],
    ['$random() = 0.5', true],
    ['$random(7) = $random(7) and $random(7) != $random(8)', true],
    ['$match($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4/).index', 0],
    ['$millis() = $toMillis($now())', true],
    ['[1]', [1]],
    ['null', null],
  ])('evaluates %s', async (expression, expected) => {
    expect(await outputOf(pass(`{% ${expression} %}`))).toEqual(expected);
  });

  it.each([
    ['$states.input.missing', 'returned nothing (undefined)'],
    ["'a' + 1", 'threw an error'],
    ["$eval('1')", 'threw an error'],
    ['function($x){$x}', 'unsupported result type'],
    ['$range(1, 2, 0)', 'step must not be 0'],
  ])('fails with States.QueryEvaluationError for %s', async (expression, cause) => {
    const failure = await failureOf(pass(`{% ${expression} %}`));
    expect(failure.error).toBe('States.QueryEvaluationError');
    expect(failure.cause).toContain("state 'Only' (entered at the event id #2)");
    expect(failure.cause).toContain(cause);
  });

  it('assigns variables from the values that they had, and keeps inner scopes apart', async () => {
    const definition = jsonata({
      StartAt: 'Set',
      States: {
        Set: { Type: 'Pass', Assign: { a: 1, b: 2 }, Next: 'Swap' },
        Swap: { Type: 'Pass', Assign: { a: '{% $b %}', b: '{% $a %}' }, Output: '{% $a %}', Next: 'Both' },
        Both: {
          Type: 'Parallel',
          Branches: ['x', 'y'].map((value) => ({
            StartAt: `Set ${value}`,
            States: {
              [`Set ${value}`]: { Type: 'Pass', Assign: { inner: value }, Next: `Read ${value}` },
              [`Read ${value}`]: {
                Type: 'Pass',
                Output: '{% $inner & $a & $b & $states.input %}',
                End: true,
              },
            },
          })),
          Assign: { joined: '{% $join($states.result) %}' },
          Next: 'Read',
        },
        Read: { Type: 'Succeed', Output: { joined: '{% $joined %}', inner: '{% $exists($inner) %}' } },
      },
    });
    expect(await outputOf(definition)).toEqual({ joined: 'x211y211', inner: false });
  });
});

describe('Choice, Pass, Fail', () => {
  const choice = (extra: object) =>
    jsonata({
      StartAt: 'Which',
      States: {
        Which: {
          Type: 'Choice',
          Choices: [
            { Condition: "{% $states.input.kind = 'a' %}", Assign: { v: 1 }, Output: 'chose a', Next: 'End' },
            { Condition: '{% $states.input.kind = 7 %}', Next: 'End' },
          ],
          ...extra,
        },
        End: { Type: 'Pass', Output: { in: '{% $states.input %}', v: '{% $exists($v) %}' }, End: true },
      },
    });

  it('takes the first rule that holds, with its Output and Assign', async () => {
    const definition = choice({ Default: 'End' });
    // asl-validator wrongly refuses a plain string as Output, which AWS takes.
    stack.server.createStateMachine({
      arn: 'arn:aws:states:eu-west-1:000000000000:stateMachine:machine',
      name: 'machine',
      definition: JSON.stringify(definition),
    });
    expect((await stack.run('machine', { kind: 'a' })).output).toBe('{"in":"chose a","v":true}');
    expect((await stack.run('machine', { kind: 7 })).output).toBe('{"in":{"kind":7},"v":false}');
    expect((await stack.run('machine', { kind: 8 })).output).toBe('{"in":{"kind":8},"v":false}');
  });

  it('fails with States.NoChoiceMatched without a Default', async () => {
    const definition = choice({});
    stack.server.createStateMachine({
      arn: 'arn:aws:states:eu-west-1:000000000000:stateMachine:machine',
      name: 'machine',
      definition: JSON.stringify(definition),
    });
    expect((await stack.run('machine', {})).error).toBe('States.NoChoiceMatched');
  });

  it('refuses a Condition that is not a boolean', async () => {
    const definition = jsonata({
      StartAt: 'Which',
      States: {
        Which: { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'End' }] },
        End: { Type: 'Succeed' },
      },
    });
    const { error, cause } = await failureOf(definition);
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain("Expected 'boolean', but was 'number'");
  });

  it('fails with the Error and Cause that a Fail state evaluates', async () => {
    const definition = jsonata({
      StartAt: 'Fail',
      States: { Fail: { Type: 'Fail', Error: 'Mine', Cause: '{% $states.input.why %}' } },
    });
    expect(await failureOf(definition, { why: 'because' })).toEqual({ error: 'Mine', cause: 'because' });
  });
});

describe('Parallel and Map', () => {
  it('maps items, an object as Key and Value, with ItemSelector and the index', async () => {
    const definition = single({
      Type: 'Map',
      Items: '{% $states.input %}',
      ItemSelector: {
        text: '{% $states.context.Map.Item.Value.Key & $string($states.context.Map.Item.Value.Value) %}',
        index: '{% $states.context.Map.Item.Index %}',
      },
      ItemProcessor: { StartAt: 'Each', States: { Each: { Type: 'Pass', End: true } } },
    });
    expect(await outputOf(definition, { a: 1, b: 2 })).toEqual([
      { text: 'a1', index: 0 },
      { text: 'b2', index: 1 },
    ]);
  });

  it('runs no more iterations at once than MaxConcurrency', async () => {
    stack.create(
      'machine',
      single({
        Type: 'Map',
        MaxConcurrency: 2,
        ItemProcessor: { StartAt: 'Each', States: { Each: { Type: 'Wait', Seconds: 10, End: true } } },
      }),
    );
    const arn = await stack.start('machine', [1, 2, 3]);
    expect(stack.clock.pendingDelaysMs()).toEqual([10_000, 10_000]);
    await stack.clock.advance(10_000);
    expect(stack.clock.pendingDelaysMs()).toEqual([10_000]);
    await stack.clock.advance(10_000);
    expect((await stack.describe(arn)).output).toBe('[1,2,3]');
  });

  it('aborts the other branches when one fails, and the failure can be caught', async () => {
    stack.create(
      'machine',
      jsonata({
        StartAt: 'Both',
        States: {
          Both: {
            Type: 'Parallel',
            Branches: [
              { StartAt: 'Long', States: { Long: { Type: 'Wait', Seconds: 1000, End: true } } },
              { StartAt: 'Bad', States: { Bad: { Type: 'Fail', Error: 'Bad', Cause: 'so' } } },
            ],
            Catch: [{ ErrorEquals: ['Bad'], Next: 'Caught' }],
            End: true,
          },
          Caught: { Type: 'Wait', Seconds: 5, End: true },
        },
      }),
    );
    const arn = await stack.start('machine');
    expect(stack.clock.pendingDelaysMs()).toEqual([5000]);
    await stack.clock.advance(5000);
    expect((await stack.describe(arn)).output).toBe('{"Error":"Bad","Cause":"so"}');
    expect(typesOf(await stack.history(arn))).toContain('ParallelStateFailed');
  });
});
