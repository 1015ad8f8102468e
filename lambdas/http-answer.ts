import type { APIGatewayProxyResult } from 'aws-lambda';
import { EXPOSED_HEADERS } from '../core/wire/exposed-headers.ts';
import { errorBody, type Rejection } from '../core/wire/reject-request.ts';

/** What a handler answers: JSON with status 200, bytes, or another place to look. */
export type ApiAnswer =
  | { readonly kind: 'json'; readonly body: unknown }
  | { readonly kind: 'bytes'; readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'redirect'; readonly location: string };

export const json = (body: unknown): ApiAnswer => ({ kind: 'json', body });

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': EXPOSED_HEADERS,
} as const;

export function toResult(answer: ApiAnswer, requestId: string): APIGatewayProxyResult {
  const headers = { ...CORS, 'x-request-id': requestId };
  switch (answer.kind) {
    case 'json':
      return {
        statusCode: 200,
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(answer.body),
      };
    case 'bytes':
      return {
        statusCode: 200,
        headers: { ...headers, ...answer.headers },
        body: Buffer.from(answer.body).toString('base64'),
        isBase64Encoded: true,
      };
    case 'redirect':
      return { statusCode: 302, headers: { ...headers, location: answer.location }, body: '' };
    default:
      return answer satisfies never;
  }
}

export function toErrorResult(rejection: Rejection, requestId: string): APIGatewayProxyResult {
  const retry = rejection.retry === false ? { 'x-should-retry': 'false' } : {};
  return {
    statusCode: rejection.status,
    headers: { ...CORS, ...retry, 'x-request-id': requestId, 'content-type': 'application/json' },
    body: JSON.stringify(errorBody(rejection)),
  };
}
