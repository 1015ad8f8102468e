import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type InvokeResult, invokeError } from './invoke-result.ts';
import { MAX_RESPONSE_BYTES, responseTooLarge } from './payload-limits.ts';
import { readBody } from './read-body.ts';

export interface Invocation {
  readonly requestId: string;
  readonly payload: string;
  readonly functionArn: string;
  readonly deadlineMs: number;
  readonly clientContext?: string | undefined;
}

/** What one child process does over the Runtime API. */
export interface RuntimeCalls {
  /** Gives the next invocation; stays pending while there is none. */
  next(): Promise<Invocation>;
  finish(requestId: string, result: InvokeResult): void;
  failInit(result: InvokeResult): void;
}

export interface RuntimeApi {
  /** Adds a child; the path that is returned goes into its AWS_LAMBDA_RUNTIME_API. */
  register(calls: RuntimeCalls): { readonly path: string; unregister(): void };
  /** Answers a request of a child; false if the request is none of the Runtime API. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
}

const ROUTE =
  /^(?<child>\/runtime\/[^/]+)\/2018-06-01\/runtime\/(?:(?<next>invocation\/next)|(?<init>init\/error)|invocation\/(?<id>[^/]+)\/(?<outcome>response|error))$/;

/** The server's side of the Lambda Runtime API (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). */
export function createRuntimeApi(): RuntimeApi {
  const children = new Map<string, RuntimeCalls>();
  return {
    register(calls) {
      const path = `/runtime/${randomUUID()}`;
      children.set(path, calls);
      return { path, unregister: () => children.delete(path) };
    },
    async handle(request, response) {
      const route = ROUTE.exec(request.url ?? '')?.groups;
      const calls = children.get(route?.['child'] ?? '');
      if (route === undefined || calls === undefined) return false;
      if (route['next'] !== undefined) {
        sendInvocation(response, await calls.next());
        return true;
      }
      const body = await readBody(request, MAX_RESPONSE_BYTES);
      const result = route['outcome'] === 'response' ? successOf(body) : errorOf(body);
      if (route['init'] !== undefined) calls.failInit(result);
      else calls.finish(route['id'] ?? '', result);
      response.writeHead(body === undefined ? 413 : 202, { 'content-type': 'application/json' });
      response.end('{"status":"OK"}');
      return true;
    },
  };
}

function sendInvocation(response: ServerResponse, invocation: Invocation): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': invocation.requestId,
    'lambda-runtime-deadline-ms': invocation.deadlineMs,
    'lambda-runtime-invoked-function-arn': invocation.functionArn,
    'lambda-runtime-trace-id': `Root=1-00000000-${invocation.requestId.replaceAll('-', '').slice(0, 24)};Sampled=0`,
    ...(invocation.clientContext === undefined
      ? {}
      : { 'lambda-runtime-client-context': invocation.clientContext }),
  });
  response.end(invocation.payload);
}

function successOf(body: Buffer | undefined): InvokeResult {
  return body === undefined
    ? responseTooLarge()
    : { kind: 'success', payload: JSON.parse(body.toString('utf8')) };
}

function errorOf(body: Buffer | undefined): InvokeResult {
  if (body === undefined) return responseTooLarge();
  const { errorType, errorMessage } = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  return invokeError(String(errorType ?? 'Error'), String(errorMessage ?? ''));
}
