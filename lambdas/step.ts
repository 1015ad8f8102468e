import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy, { type MiddlewareObj } from '@middy/core';
import type { ZodType } from 'zod';
import { STEP_ERRORS } from '../core/batch/step-errors.ts';
import { reasonsOf } from './reasons.ts';
import { withoutPayload } from './without-payload.ts';

export interface StepOptions<Input> {
  /** @default - the input is what the machine's definition makes of its own, and is taken as it comes */
  readonly schema?: ZodType<Input>;
  /** @default - a logger of the service that POWERTOOLS_SERVICE_NAME names */
  readonly logger?: Logger;
}

/**
 * The stack of every function that a state machine or a schedule invokes: checks the input, logs under the ids that
 * it names, says what came of the step, and rethrows errors under names that Retry and Catch know, with no payload in
 * their messages.
 */
export function stepHandler<Input, Output>(
  handle: (input: Input) => Promise<Output>,
  { schema, logger = new Logger() }: StepOptions<Input> = {},
) {
  return middy<unknown, Output>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(stepErrors(logger))
    .handler(async (event) => {
      const input = schema === undefined ? (event as Input) : parse(schema, event);
      logger.appendKeys(contextOf(input));
      const output = await handle(input);
      logger.info('The step is done.', kindOf(output));
      return output;
    });
}

const CONTEXT = ['tenant', 'batchId', 'requestId', 'fleetId', 'generation', 'iteration'];

const contextOf = (input: unknown): Record<string, string | number> =>
  Object.fromEntries(Object.entries(input ?? {}).filter(([name]) => CONTEXT.includes(name)));

/** What the machine branches on; steps answer it, or nothing. */
const kindOf = (output: unknown): { readonly kind?: string } =>
  Object.fromEntries(Object.entries(output ?? {}).filter(([name]) => name === 'kind'));

function parse<Input>(schema: ZodType<Input>, event: unknown): Input {
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const error = new Error(`The step's input is wrong at ${fields.join('; ')}.`);
  error.name = STEP_ERRORS.badInput;
  throw error;
}

/** Step Functions keeps an error's name and message in the execution's history, where no payload belongs. */
function stepErrors(logger: Logger): MiddlewareObj {
  return {
    onError: (request) => {
      const { error } = request;
      if (!(error instanceof Error)) return;
      request.error = withoutPayload(error);
      logger.error('The step failed.', {
        error: request.error,
        ...(error instanceof AggregateError ? { reasons: reasonsOf(error) } : {}),
      });
    },
  };
}
