import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { lifecycleInput, lifecycleWaitInput, parseRounds } from '../../../lambdas/lifecycle-input.ts';
import { stepHandler } from '../../../lambdas/step.ts';

const INPUT = { tenant: 'acme', batchId: 'batch_1', generation: 1, definitionVersion: 1 };
const CONTEXT = { awsRequestId: 'request', functionName: 'f' } as Context;

function logged() {
  const lines: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
  vi.spyOn(console, 'info').mockImplementation((line: string) => void lines.push(line));
  return lines;
}
const loggerOf = () => new Logger({ serviceName: 'step' });

describe('stepHandler', () => {
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  afterEach(() => vi.restoreAllMocks());

  it('hands the checked input on and answers what the step answers', async () => {
    const handler = stepHandler(async ({ batchId }: { batchId: string }) => ({ kind: batchId }), {
      schema: lifecycleInput,
      logger: loggerOf(),
    });
    expect(await handler({ ...INPUT, extra: 1 }, CONTEXT)).toEqual({ kind: 'batch_1' });
  });

  it('refuses a wrong input under a stable name, with the field and without its value', async () => {
    const lines = logged();
    const handler = stepHandler(async () => null, { schema: lifecycleInput, logger: loggerOf() });
    const answer = handler({ ...INPUT, generation: 'secret' }, CONTEXT);
    await expect(answer).rejects.toMatchObject({
      name: 'BadStepInput',
      message: expect.stringContaining('generation'),
    });
    expect(lines.join()).not.toContain('secret');
  });

  it('logs a failure under the ids of its input and throws it on', async () => {
    const lines = logged();
    const failure = Object.assign(new Error('Went wrong.'), { name: 'ProofFailed' });
    const handler = stepHandler(() => Promise.reject(failure), {
      schema: lifecycleInput,
      logger: loggerOf(),
    });
    await expect(handler(INPUT, CONTEXT)).rejects.toBe(failure);
    expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({
      level: 'ERROR',
      batchId: 'batch_1',
      tenant: 'acme',
    });
  });

  it('logs each reason of failures that are thrown together, without a payload', async () => {
    const lines = logged();
    const inner = new AggregateError([new Error('AccessDenied'), new SyntaxError('a secret prompt')], '2');
    const failure = new AggregateError([inner, new Error('Throttled')], '3 could not be swept.');
    const handler = stepHandler(() => Promise.reject(failure), { logger: loggerOf() });
    await expect(handler(INPUT, CONTEXT)).rejects.toBe(failure);
    expect(JSON.parse(lines[0] ?? '{}').reasons).toEqual([
      'Error: AccessDenied',
      'SyntaxError: A stored JSON document is damaged.',
      'Error: Throttled',
    ]);
  });

  it('keeps what JSON.parse quotes out of the log and of the execution history', async () => {
    const lines = logged();
    const handler = stepHandler(async () => JSON.parse('a secret prompt'), { logger: loggerOf() });
    await expect(handler(INPUT, CONTEXT)).rejects.toThrow('A stored JSON document is damaged.');
    expect(lines.join()).toContain('damaged');
    expect(lines.join()).not.toContain('secret');
  });
});

describe('the lifecycle input', () => {
  it('needs a token for a wait', () => {
    const wait = { ...INPUT, kind: 'wait-short', waitSeq: 0 };
    expect(lifecycleWaitInput.safeParse({ ...wait, taskToken: 'token' }).success).toBe(true);
    expect(lifecycleWaitInput.safeParse(wait).success).toBe(false);
  });

  it('reads the rounds in milliseconds', () => {
    expect(parseRounds('[3600,300,30]')).toEqual({ longMs: 3_600_000, mediumMs: 300_000 });
    expect(() => parseRounds('[3600]')).toThrow();
  });
});
