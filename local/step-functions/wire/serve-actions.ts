import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Listener, listen } from '../../aws-json/listen.ts';
import type { Action } from './action.ts';
import { RequestError } from './request-error.ts';

const TARGET_PREFIX = 'AWSStepFunctions.';

/** AWS refuses a request body of 1 MB and more. */
const LONGEST_BODY_BYTES = 1_048_576;

/** Serves actions over AWS JSON 1.0 on the loopback interface. Signatures are not checked. */
export const serveActions = (actions: Readonly<Record<string, Action>>, port: number): Promise<Listener> =>
  listen((request, response) => {
    answer(actions, request).then(
      (body) => send(response, 200, body),
      (error: unknown) => sendError(response, error),
    );
  }, port);

async function answer(actions: Readonly<Record<string, Action>>, request: IncomingMessage): Promise<object> {
  const target = String(request.headers['x-amz-target'] ?? '');
  const body = await readBody(request);
  const name = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : '';
  const run = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (run === undefined) {
    throw new RequestError(
      'UnknownOperationException',
      `The local Step Functions does not answer '${target}'; it answers ${Object.keys(actions).join(', ')}.`,
    );
  }
  return run(parseBody(body));
}

function parseBody(body: string): unknown {
  try {
    return body === '' ? {} : JSON.parse(body);
  } catch {
    throw new RequestError('SerializationException', 'The request body is not JSON.');
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= LONGEST_BODY_BYTES) chunks.push(chunk);
  }
  if (sizeBytes > LONGEST_BODY_BYTES)
    throw new RequestError(
      'RequestEntityTooLargeException',
      `The request has ${sizeBytes} bytes; at most ${LONGEST_BODY_BYTES} are accepted.`,
    );
  return Buffer.concat(chunks).toString();
}

function sendError(response: ServerResponse, error: unknown): void {
  if (error instanceof RequestError) {
    send(response, 400, { __type: error.code, message: error.message });
    return;
  }
  send(response, 500, { __type: 'InternalFailure', message: String(error) });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-requestid': randomUUID(),
  });
  response.end(JSON.stringify(body));
}
