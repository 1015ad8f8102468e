import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Listener, listen } from './listen.ts';
import { RefusedCall } from './refused-call.ts';

export type Operation = (input: Readonly<Record<string, unknown>>) => unknown;

export interface AwsJsonOptions {
  /** What stands before the dot in X-Amz-Target. */
  readonly targetPrefix: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** Answers what is not a call of the AWS protocol; false where it does not know the path. */
  readonly route?: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
  readonly port?: number;
}

/** Above the largest call that any emulated service takes (PutEvents: 1 MiB of entries, with escapes). */
const LARGEST_BODY_BYTES = 8 * 1_048_576;

/** Serves one AWS service over the AWS JSON 1.1 protocol on 127.0.0.1. */
export function serveAwsJson(options: AwsJsonOptions): Promise<Listener> {
  return listen((request, response) => {
    handle(options, request, response).catch((error: unknown) => {
      if (!response.headersSent) answer(response, 500, failure('InternalFailure', String(error)));
      else response.destroy();
    });
  }, options.port);
}

async function handle(options: AwsJsonOptions, request: IncomingMessage, response: ServerResponse) {
  if (await options.route?.(request, response)) return;
  try {
    const result = await call(options, request);
    answer(response, 200, result ?? {});
  } catch (error) {
    if (!(error instanceof RefusedCall)) throw error;
    answer(response, 400, failure(error.code, error.message, error.details));
  }
}

async function call(options: AwsJsonOptions, request: IncomingMessage): Promise<unknown> {
  const target = String(request.headers['x-amz-target'] ?? '');
  const name = target.startsWith(`${options.targetPrefix}.`) ? target.slice(target.indexOf('.') + 1) : '';
  const operation = Object.hasOwn(options.operations, name) ? options.operations[name] : undefined;
  if (operation === undefined) {
    const known = Object.keys(options.operations).join(', ');
    throw new RefusedCall(
      'UnknownOperationException',
      `The local stack has no operation "${target}", only: ${known}.`,
    );
  }
  return operation(await readJson(request));
}

/** Reads a JSON object from a request's body; an empty body is an empty object. */
export async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > LARGEST_BODY_BYTES) {
      throw new RefusedCall('SerializationException', `The body is larger than ${LARGEST_BODY_BYTES} bytes.`);
    }
    chunks.push(chunk);
  }
  if (sizeBytes === 0) return {};
  const parsed = parse(Buffer.concat(chunks).toString('utf8'));
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new RefusedCall('SerializationException', 'The body is not a JSON object.');
  }
  return parsed as Record<string, unknown>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RefusedCall('SerializationException', `The body is not JSON: ${(error as Error).message}`);
  }
}

function failure(code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
  return { __type: code, message, ...details };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'x-amzn-requestid': randomUUID(),
  });
  response.end(JSON.stringify(body));
}
