import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Call } from './call.ts';

// Preloaded into functions and Tasks of a counting run: writes a line for each call that they make to AWS, and for
// each invocation that they serve. Without COST_LOG, as in an engine that a Task starts, it does nothing.
const { COST_LOG, POWERTOOLS_SERVICE_NAME: caller = 'gpu-task', AWS_LAMBDA_RUNTIME_API } = process.env;

const sentBodies = new WeakMap<ClientRequest, string[]>();
let invokedAt = { ms: 0, cpu: process.cpuUsage() };

if (COST_LOG !== undefined) {
  const log = COST_LOG;
  const write = (call: Call) => appendFileSync(log, `${JSON.stringify(call)}\n`);
  subscribe('http.client.request.created', (message) => {
    const { request } = message as { readonly request: ClientRequest };
    if (!isRuntimeCall(request)) keepBody(request);
    else if (/\/invocation\/[^/]+\/(response|error)$/.test(request.path)) write(invocation());
  });
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as {
      readonly request: ClientRequest;
      readonly response: IncomingMessage;
    };
    if (!isRuntimeCall(request)) write(callOf(request, response));
    else if (request.path.endsWith('/invocation/next')) {
      invokedAt = { ms: performance.now(), cpu: process.cpuUsage() };
    }
  });
}

function isRuntimeCall(request: ClientRequest): boolean {
  return AWS_LAMBDA_RUNTIME_API !== undefined && request.path.includes('/2018-06-01/runtime/');
}

function invocation(): Call {
  const { user, system } = process.cpuUsage(invokedAt.cpu);
  return {
    ...{ caller, operation: 'lambda Invoke', status: 200, sent: '', receivedBytes: 0 },
    wallMs: performance.now() - invokedAt.ms,
    cpuMs: (user + system) / 1000,
  };
}

/** Objects are only counted; the bodies of all other services are small and in JSON. */
function keepBody(request: ClientRequest): void {
  const chunks: string[] = [];
  sentBodies.set(request, chunks);
  const keep = (chunk: unknown): void => {
    if (request.getHeader('x-amz-target') === undefined) return;
    if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) chunks.push(chunk.toString());
  };
  const write = request.write.bind(request) as (...args: unknown[]) => boolean;
  const end = request.end.bind(request) as (...args: unknown[]) => ClientRequest;
  request.write = ((...args: unknown[]) => {
    keep(args[0]);
    return write(...args);
  }) as typeof request.write;
  request.end = ((...args: unknown[]) => {
    keep(args[0]);
    return end(...args);
  }) as typeof request.end;
}

function callOf(request: ClientRequest, response: IncomingMessage): Call {
  const target = request.getHeader('x-amz-target');
  return {
    caller,
    operation:
      typeof target === 'string'
        ? target
        : `S3 ${request.method} ${new URL(request.path, 'http://s3').search}`,
    status: response.statusCode ?? 0,
    sent: (sentBodies.get(request) ?? []).join(''),
    receivedBytes: Number(response.headers['content-length'] ?? 0),
  };
}
