import type { IncomingMessage, ServerResponse } from 'node:http';
import { isJson } from '../is-json.ts';
import type { Call } from './execution-environment.ts';
import { type InvokeResult, SERVICE_ERRORS } from './invoke-result.ts';
import { readBody } from './read-body.ts';

export type InvokeCall = (nameOrArn: string, call: Call, mode: 'sync' | 'async') => Promise<InvokeResult>;

/** Above every payload limit, so that it is the limit's own refusal that a caller gets. */
const MAX_READ_BYTES = 16 * 1024 * 1024;

/** Lambda's Invoke operation on the wire (docs.aws.amazon.com/lambda/latest/api/API_Invoke.html). */
export async function handleInvoke(
  request: IncomingMessage,
  response: ServerResponse,
  call: InvokeCall,
): Promise<void> {
  const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations(?:\?|$)/.exec(request.url ?? '')?.[1];
  if (name === undefined || request.method !== 'POST') {
    send(response, 404, 'UnknownOperationException', { Message: 'Only Invoke is emulated.' });
    return;
  }
  const body = await readBody(request, MAX_READ_BYTES);
  if (body === undefined) {
    send(response, 413, 'RequestTooLargeException', {
      Message: 'Request must be smaller than 6291456 bytes.',
    });
    return;
  }
  const context = request.headers['x-amz-client-context'];
  const clientContext = typeof context === 'string' ? Buffer.from(context, 'base64').toString() : undefined;
  const mode = request.headers['x-amz-invocation-type'] === 'Event' ? 'async' : 'sync';
  const payload = body.length === 0 ? '{}' : body.toString('utf8');
  if (!isJson(payload)) {
    send(response, 400, 'InvalidRequestContentException', {
      Message: 'Could not parse request body into json.',
    });
    return;
  }
  sendResult(response, mode, await call(decodeURIComponent(name), { payload, clientContext }, mode));
}

function sendResult(response: ServerResponse, mode: 'sync' | 'async', result: InvokeResult): void {
  if (result.kind === 'success') {
    send(response, mode === 'sync' ? 200 : 202, undefined, mode === 'sync' ? result.payload : undefined);
    return;
  }
  const { errorType, errorMessage } = result;
  const status = SERVICE_ERRORS.get(errorType);
  if (status !== undefined) {
    send(response, status, errorType, { Message: errorMessage });
    return;
  }
  response.setHeader('x-amz-function-error', 'Unhandled');
  send(response, 200, undefined, { errorType, errorMessage });
}

function send(response: ServerResponse, status: number, errorType: string | undefined, body: unknown): void {
  if (errorType !== undefined) response.setHeader('x-amzn-errortype', errorType);
  response.writeHead(status, { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST' });
  response.end(body === undefined ? '' : JSON.stringify(body));
}
