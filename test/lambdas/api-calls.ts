import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import OpenAI from 'openai';
import type { httpHandler } from '../../lambdas/http.ts';

const BASE_URL = 'http://api.test/v1';
const CONTEXT = { awsRequestId: 'request', functionName: 'api' } as Context;

/** Ways to call routes as tenants do, with the real SDK in front: each call becomes a proxy event. */
export function apiCalls(handler: ReturnType<typeof httpHandler>, newRequestId = () => 'req-1') {
  const fetchAs =
    (tenant: string) =>
    async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const request = new Request(input, init);
      // The SDK asks a data: URL how this fetch writes forms.
      if (!request.url.startsWith('http')) return fetch(request);
      const event = await proxyEvent(request, { tenant, requestId: newRequestId() });
      const { body, isBase64Encoded, statusCode, headers } = await handler(event, CONTEXT);
      return new Response(body === '' ? null : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'), {
        status: statusCode,
        headers: headers as Record<string, string>,
      });
    };
  return {
    /** A raw call to a path below /v1. */
    call: (path: string, init?: RequestInit, tenant = 'acme') => fetchAs(tenant)(`${BASE_URL}${path}`, init),
    clientOf: (tenant: string) =>
      new OpenAI({ apiKey: 'key', baseURL: BASE_URL, maxRetries: 0, fetch: fetchAs(tenant) }),
  };
}

async function proxyEvent(
  request: Request,
  { tenant, requestId }: { readonly tenant: string; readonly requestId: string },
): Promise<APIGatewayProxyEvent> {
  const { pathname, searchParams } = new URL(request.url);
  return {
    httpMethod: request.method,
    path: pathname,
    headers: Object.fromEntries(request.headers),
    queryStringParameters: Object.fromEntries(searchParams),
    pathParameters: null,
    body: Buffer.from(await request.arrayBuffer()).toString('base64'),
    isBase64Encoded: true,
    requestContext: { requestId, authorizer: { tenant } },
  } as unknown as APIGatewayProxyEvent;
}
