import { SERVICE_ERRORS } from '../lambda/invoke-result.ts';
import type { LambdaRunner } from '../lambda/runner.ts';
import { BAD_GATEWAY, type GatewayError, INTERNAL_ERROR, TIMED_OUT, TOO_LARGE } from './gateway-error.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { Integration } from './method.ts';
import { proxyAnswer } from './proxy-answer.ts';

export type IntegrationResult =
  | { readonly kind: 'answer'; readonly answer: HttpAnswer }
  | { readonly kind: 'error'; readonly error: GatewayError };

export interface FunctionCall {
  readonly integration: Extract<Integration, { kind: 'function' }>;
  readonly event: unknown;
  readonly accept: string | undefined;
  readonly binaryMediaTypes: readonly string[];
}

/** Calls a function for a request. One that outlasts the integration's time limit runs on, unheard. */
export async function callFunction(
  invoke: LambdaRunner['invoke'],
  call: FunctionCall,
): Promise<IntegrationResult> {
  const { integration, event, accept, binaryMediaTypes } = call;
  const limit = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => limit.resolve(undefined), integration.timeoutMs);
  const result = await Promise.race([invoke(integration.functionArn, event), limit.promise]);
  clearTimeout(timer);
  if (result === undefined) return failed(TIMED_OUT);
  if (result.kind === 'error') return failed(errorFor(result.errorType));
  const answer = proxyAnswer(result.payload, accept, binaryMediaTypes);
  return answer === undefined ? failed(BAD_GATEWAY) : { kind: 'answer', answer };
}

/** Answers without a backend, as CORS preflights are; a status that no answer is for is a 500. */
export function answerMock(integration: Extract<Integration, { kind: 'mock' }>): IntegrationResult {
  const { statusCode, answers } = integration;
  const selected =
    answers.find(
      ({ selectionPattern: pattern }) => pattern && new RegExp(`^(?:${pattern})$`).test(statusCode),
    ) ?? answers.find(({ selectionPattern: pattern }) => !pattern);
  if (selected === undefined) return failed(INTERNAL_ERROR);
  const { status, headers, body } = selected;
  return { kind: 'answer', answer: { status, headers, body } };
}

/** Lambda's own refusals are a 500, a function's failure is a 502 (docs: "Handling Lambda errors"). */
function errorFor(errorType: string): GatewayError {
  if (errorType === 'RequestTooLargeException') return TOO_LARGE;
  return SERVICE_ERRORS.has(errorType) ? INTERNAL_ERROR : BAD_GATEWAY;
}

function failed(error: GatewayError): IntegrationResult {
  return { kind: 'error', error };
}
