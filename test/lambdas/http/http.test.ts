import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RejectRequest } from '../../../core/wire/reject-request.ts';
import { httpHandler, type Routes } from '../../../lambdas/http.ts';
import { json } from '../../../lambdas/http-answer.ts';

const CONTEXT = { awsRequestId: 'request', functionName: 'api' } as Context;

const ROUTES: Routes = {
  'GET /v1/echo/{thing}': async ({ tenant, headers, path, query, body }) =>
    json({ tenant, headers, path, query, body: body.toString() }),
  'GET /v1/bytes': async () => ({ kind: 'bytes', body: Uint8Array.of(0, 255), headers: { 'x-a': 'b' } }),
  'GET /v1/elsewhere': async () => ({ kind: 'redirect', location: 'https://objects.test/x' }),
  'GET /v1/broken': async () => {
    throw new Error('secret inside');
  },
  'GET /v1/damaged': async () => json(JSON.parse('a secret prompt')),
  'GET /v1/busy': async () => {
    throw new RejectRequest({ status: 429, message: 'Too much.', code: 'quota', retry: false });
  },
};

function send(path: string, fields: object = {}) {
  const event = {
    ...{ httpMethod: 'GET', path, headers: null, queryStringParameters: null, pathParameters: null },
    ...{ body: null, isBase64Encoded: false },
    requestContext: { requestId: 'req-1', authorizer: { tenant: 'acme' } },
    ...fields,
  } as unknown as APIGatewayProxyEvent;
  return httpHandler(ROUTES)(event, CONTEXT);
}

describe('httpHandler', () => {
  it('hands a handler the tenant of the authorizer and header names in lower case', async () => {
    const { statusCode, headers, body } = await send('/v1/echo/a', {
      headers: { 'X-Tenant': 'other', 'Idempotency-KEY': 'k' },
      queryStringParameters: { limit: '2' },
      body: Buffer.from('prüf').toString('base64'),
      isBase64Encoded: true,
    });
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ 'x-request-id': 'req-1', 'content-type': 'application/json' });
    expect(JSON.parse(body)).toEqual({
      tenant: 'acme',
      headers: { 'x-tenant': 'other', 'idempotency-key': 'k' },
      path: { thing: 'a' },
      query: { limit: '2' },
      body: 'prüf',
    });
  });

  it('answers bytes and redirects', async () => {
    const bytes = { statusCode: 200, body: 'AP8=', isBase64Encoded: true, headers: { 'x-a': 'b' } };
    expect(await send('/v1/bytes')).toMatchObject(bytes);
    const location = 'https://objects.test/x';
    expect(await send('/v1/elsewhere')).toMatchObject({ statusCode: 302, headers: { location } });
  });

  it.each([
    ['GET', '/v1/x'],
    ['DELETE', '/v1/bytes'],
  ])('does not find %s %s, in the shape of OpenAI', async (httpMethod, path) => {
    const { statusCode, body } = await send(path, { httpMethod });
    expect(statusCode).toBe(404);
    expect(JSON.parse(body)).toEqual({
      error: {
        message: `Invalid URL (${httpMethod} ${path})`,
        type: 'invalid_request_error',
        param: null,
        code: 'unknown_url',
      },
    });
  });

  it('hides what broke, and tells the request id', async () => {
    const { statusCode, headers, body } = await send('/v1/broken');
    expect(statusCode).toBe(500);
    expect(headers).toMatchObject({ 'x-request-id': 'req-1' });
    expect(JSON.parse(body)).toMatchObject({ error: { type: 'server_error', param: null, code: null } });
    expect(body).not.toMatch(/secret/);
  });

  it('keeps what JSON.parse quotes out of the log', async () => {
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    onTestFinished(() => void vi.unstubAllEnvs().restoreAllMocks());
    const lines: string[] = [];
    vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
    expect((await send('/v1/damaged')).statusCode).toBe(500);
    expect(lines.join()).toContain('request failed');
    expect(lines.join()).not.toContain('secret');
  });

  it('answers 500 where the authorizer named no tenant', async () => {
    const requestContext = { requestId: 'req-1' };
    expect(await send('/v1/echo/a', { requestContext })).toMatchObject({ statusCode: 500 });
  });

  it.each(['/v1/bytes', '/v1/busy'])(
    'lets scripts of any origin read what clients act on: %s',
    async (path) => {
      expect((await send(path)).headers).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-expose-headers': 'x-request-id, x-should-retry, retry-after',
      });
    },
  );

  it('tells the SDKs not to send again what no retry heals', async () => {
    const busy = { statusCode: 429, headers: { 'x-should-retry': 'false' } };
    expect(await send('/v1/busy')).toMatchObject(busy);
    expect((await send('/v1/broken')).headers).not.toHaveProperty('x-should-retry');
  });
});
