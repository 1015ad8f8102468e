import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import OpenAI from 'openai';
import type { Presigner } from '../../core/batch/presigner.ts';
import type { Objects } from '../../core/ports.ts';
import { filesApi } from '../../lambdas/files-api/handler.ts';
import { httpHandler } from '../../lambdas/http.ts';
import { uploadsApi } from '../../lambdas/uploads-api/handler.ts';
import { manualClock } from '../fakes/clock.ts';
import { memoryObjects } from '../fakes/objects.ts';
import { memoryPresigner } from '../fakes/presigner.ts';
import { memoryRecords } from '../fakes/records.ts';
import { RETENTION } from '../fakes/retention.ts';

const CONTEXT = { awsRequestId: 'request', functionName: 'api' } as Context;

/** The files and uploads routes over fakes. */
export function filesRig() {
  const objects = memoryObjects();
  const presigner = memoryPresigner(objects);
  return { ...routesOver({ objects, presigner }), objects, presigner };
}

interface Store {
  readonly objects: Objects;
  readonly presigner: Presigner;
}

/** The routes over a store, with the real SDK in front: each call becomes a proxy event. */
export function routesOver({ objects, presigner }: Store) {
  const records = memoryRecords();
  const clock = manualClock();
  let made = 0;
  // Counts down: only the time in an id may decide its order.
  const randomHex = (): string => (0xffff - made++).toString(16).padStart(20, '0');
  const deps = { records, objects, presigner, clock, retention: RETENTION, randomHex };
  const handler = httpHandler({ ...filesApi(deps), ...uploadsApi(deps) });

  const fetchAs =
    (tenant: string) =>
    async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const request = new Request(input, init);
      // The SDK asks a data: URL how this fetch writes forms.
      if (!request.url.startsWith('http')) return fetch(request);
      const event = await proxyEvent(request, tenant);
      const answer = await handler(event, CONTEXT);
      const isEmpty = answer.body === '';
      return new Response(
        isEmpty ? null : Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8'),
        {
          status: answer.statusCode,
          headers: answer.headers as Record<string, string>,
        },
      );
    };
  return {
    records,
    clock,
    /** A raw call to a path below /v1. */
    call: (path: string, init?: RequestInit, tenant = 'acme') =>
      fetchAs(tenant)(`http://api.test/v1${path}`, init),
    clientOf: (tenant: string) =>
      new OpenAI({ apiKey: 'key', baseURL: 'http://api.test/v1', maxRetries: 0, fetch: fetchAs(tenant) }),
  };
}

async function proxyEvent(request: Request, tenant: string): Promise<APIGatewayProxyEvent> {
  const { pathname, searchParams } = new URL(request.url);
  return {
    httpMethod: request.method,
    path: pathname,
    headers: Object.fromEntries(request.headers),
    queryStringParameters: Object.fromEntries(searchParams),
    pathParameters: null,
    body: Buffer.from(await request.arrayBuffer()).toString('base64'),
    isBase64Encoded: true,
    requestContext: { requestId: 'req-1', authorizer: { tenant } },
  } as unknown as APIGatewayProxyEvent;
}

/** A batch's input of one line. */
export const LINE = '{"custom_id":"1","method":"POST","url":"/v1/embeddings","body":{}}\n';

interface ErrorBody {
  readonly error: { readonly message: string; readonly param: string | null };
}

/** What an answer tells of its error. */
export async function errorOf(answering: Response | Promise<Response>) {
  const answer = await answering;
  const { error } = (await answer.json()) as ErrorBody;
  return { status: answer.status, message: error.message, param: error.param };
}
