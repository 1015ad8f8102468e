import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { Duration, Stack } from 'aws-cdk-lib';
import {
  IdentitySource,
  LambdaIntegration,
  RequestAuthorizer,
  ResponseType,
  RestApi,
  TokenAuthorizer,
} from 'aws-cdk-lib/aws-apigateway';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Gateway, startGateway } from '../../../local/gateway/gateway.ts';
import { type LambdaRunner, startLambdaRunner } from '../../../local/lambda/runner.ts';
import { deploy, functionOf } from '../template/assembly.ts';

const BACKEND = `
  import { createHash } from 'node:crypto';
  const json = (body) => ({ statusCode: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  export const handler = async (event) => {
    switch (event.path) {
      case '/v1/redirect': return { statusCode: 302, headers: { Location: 'https://files.example/x' } };
      case '/v1/malformed': return { status: 200, text: 'no' };
      case '/v1/throws': throw new Error('broken');
      case '/v1/hangs': return new Promise(() => setInterval(() => {}, 1000));
      case '/v1/image': return { statusCode: 200, headers: { 'content-type': 'image/png' }, body: Buffer.from([0, 255, 1]).toString('base64'), isBase64Encoded: true };
      case '/v1/headers': return { statusCode: 201, headers: { 'WWW-Authenticate': 'x' }, multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'] }, body: '' };
      case '/v1/large': return { statusCode: 200, body: 'x'.repeat(7e6) };
      case '/v1/upload': {
        const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
        return json({ isBase64Encoded: event.isBase64Encoded, length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
      }
      default: return json(event);
    }
  };`;

const AUTHORIZER = `
  let calls = 0;
  export const handler = async (event) => {
    calls += 1;
    const token = event.authorizationToken ?? event.headers.Authorization ?? event.headers.authorization;
    if (token === 'unauthorized') throw new Error('Unauthorized');
    if (token === 'broken') throw new Error('database is away');
    if (token === 'nonsense') return { isAuthorized: true };
    const [api] = event.methodArn.split('/');
    const Resource = token === 'narrow' ? api + '/prod/GET/v1/guarded/one' : api + '/*';
    return {
      principalId: 'tenant-7',
      policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect: token === 'deny' ? 'Deny' : 'Allow', Resource }] },
      context: { tenant: 'acme', calls, admin: true },
    };
  };`;

let runner: LambdaRunner;
let gateway: Gateway;
let nowMs = 1_000_000;
const accessLines: string[] = [];

beforeAll(async () => {
  const deployment = deploy((app) => {
    const stack = new Stack(app, 'Api');
    const backend = functionOf(stack, 'Backend', BACKEND, { timeout: Duration.seconds(1) });
    const handler = functionOf(stack, 'Authorizer', AUTHORIZER);
    const api = new RestApi(stack, 'Rest', {
      binaryMediaTypes: ['multipart/form-data', 'image/*'],
      deployOptions: { stageName: 'prod', variables: { colour: 'blue' } },
      defaultCorsPreflightOptions: { allowOrigins: ['*'], allowMethods: ['GET', 'POST'] },
    });
    const integration = new LambdaIntegration(backend);
    const v1 = api.root.addResource('v1');
    const files = v1.addResource('files');
    files.addMethod('POST', integration);
    files.addResource('{id}').addMethod('GET', integration);
    files.addResource('recent').addMethod('GET', integration);
    v1.addResource('slow').addMethod(
      'GET',
      new LambdaIntegration(functionOf(stack, 'Slow', BACKEND.replace('/v1/hangs', '/v1/slow')), {
        timeout: Duration.millis(200),
      }),
    );
    const guarded = v1.addResource('guarded').addResource('{name}');
    const cached = new RequestAuthorizer(stack, 'Cached', {
      handler,
      identitySources: [IdentitySource.header('Authorization')],
      resultsCacheTtl: Duration.seconds(60),
    });
    guarded.addMethod('GET', integration, { authorizer: cached });
    const uncached = new TokenAuthorizer(stack, 'Token', {
      handler,
      resultsCacheTtl: Duration.seconds(0),
      validationRegex: '[a-z]+',
    });
    v1.addResource('token').addMethod('GET', integration, { authorizer: uncached });
    v1.addProxy({ defaultIntegration: integration });
    api.addGatewayResponse('Unauthorized', {
      type: ResponseType.UNAUTHORIZED,
      statusCode: '401',
      responseHeaders: { 'Access-Control-Allow-Origin': "'*'" },
      templates: {
        'application/json': '{"error":{"message":$context.error.messageString,"id":"$context.requestId"}}',
      },
    });
    api.addGatewayResponse('Missing', { type: ResponseType.MISSING_AUTHENTICATION_TOKEN, statusCode: '404' });
    api.addGatewayResponse('ServerErrors', {
      type: ResponseType.DEFAULT_5XX,
      templates: { 'application/json': '{"server":$context.error.messageString}' },
    });
  });
  runner = await startLambdaRunner({ deployment, environment: {}, onLog: () => undefined });
  gateway = await startGateway({
    deployment,
    invoke: runner.invoke,
    nowMs: () => nowMs,
    onAccess: (line) => accessLines.push(line),
  });
});

afterAll(async () => {
  await gateway?.close();
  await runner?.close();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(gateway.url + path, { headers, redirect: 'manual' });

it('tells the function about the request as a REST proxy event', async () => {
  const response = await get('/v1/files/file-1?after=a%20b&tag=x&tag=y', { 'X-Custom': 'One' });
  expect(response.status).toBe(200);
  expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  expect(await response.json()).toMatchObject({
    resource: '/v1/files/{id}',
    path: '/v1/files/file-1',
    httpMethod: 'GET',
    pathParameters: { id: 'file-1' },
    queryStringParameters: { after: 'a b', tag: 'y' },
    multiValueQueryStringParameters: { after: ['a b'], tag: ['x', 'y'] },
    multiValueHeaders: { 'X-Custom': ['One'] },
    stageVariables: { colour: 'blue' },
    body: null,
    isBase64Encoded: false,
    requestContext: {
      requestId: response.headers.get('x-amzn-requestid'),
      stage: 'prod',
      path: '/v1/files/file-1',
      resourcePath: '/v1/files/{id}',
      httpMethod: 'GET',
      identity: { sourceIp: '127.0.0.1' },
    },
  });
});

it.each([
  ['/v1/files/recent', '/v1/files/recent', null],
  ['/v1/files/a%2Fb', '/v1/files/{id}', { id: 'a/b' }],
  ['/v1/files/file-1/', '/v1/files/{id}', { id: 'file-1' }],
  ['/v1/x/y/z', '/v1/{proxy+}', { proxy: 'x/y/z' }],
  ['/v1/files/file-1/content', '/v1/{proxy+}', { proxy: 'files/file-1/content' }],
  ['/prod/v1/files/file-1', '/v1/files/{id}', { id: 'file-1' }],
])('routes %s to %s, and tells the path as it was called', async (path, resource, pathParameters) => {
  const requestContext = { path };
  expect(await (await get(path)).json()).toMatchObject({ resource, pathParameters, requestContext });
});

it.each(['/', '/v2/files', '/v1//files'])(
  'answers the gateway response for the unknown route %s',
  async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
    expect(await response.json()).toEqual({ message: 'Missing Authentication Token' });
  },
);

it('has no route for a method that the resource does not have', async () => {
  const response = await fetch(`${gateway.url}/v1/files/file-1`, { method: 'DELETE' });
  expect(response.status).toBe(404);
});

it('passes a binary body on byte for byte, and text as text', async () => {
  const bytes = randomBytes(300_000);
  const upload = async (type: string, body: Buffer | string) =>
    (
      await fetch(`${gateway.url}/v1/upload`, { method: 'POST', body, headers: { 'content-type': type } })
    ).json();
  expect(await upload('multipart/form-data; boundary=x', bytes)).toEqual({
    isBase64Encoded: true,
    length: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
  expect(await upload('application/json', '{"ü":1}')).toMatchObject({ isBase64Encoded: false, length: 8 });
});

it('takes a body that comes in chunks', async () => {
  const body = await new Promise<string>((resolve, reject) => {
    const outgoing = request(`${gateway.url}/v1/upload`, { method: 'POST' }, (response) =>
      resolve(text(response)),
    );
    outgoing.on('error', reject);
    outgoing.write('abc');
    outgoing.end('def');
  });
  expect(JSON.parse(body)).toMatchObject({ length: 6 });
});

it('decodes a binary answer only for a client that accepts its type', async () => {
  const image = await get('/v1/image', { accept: 'image/png' });
  expect([...new Uint8Array(await image.arrayBuffer())]).toEqual([0, 255, 1]);
  expect(await (await get('/v1/image', { accept: 'text/html' })).text()).toBe('AP8B');
});

it('passes on redirects and headers of several values, and remaps what AWS remaps', async () => {
  const redirect = await get('/v1/redirect');
  expect([redirect.status, redirect.headers.get('location')]).toEqual([302, 'https://files.example/x']);
  const { headers, status } = await get('/v1/headers');
  expect([status, headers.getSetCookie()]).toEqual([201, ['a=1', 'b=2']]);
  expect([headers.get('www-authenticate'), headers.get('x-amzn-remapped-www-authenticate')]).toEqual([
    null,
    'x',
  ]);
});

it.each(['malformed', 'throws', 'hangs', 'large'])('answers 502 for a function that %s', async (kind) => {
  const response = await get(`/v1/${kind}`);
  expect([response.status, await response.json()]).toEqual([502, { server: 'Internal server error' }]);
});

it('answers 504 when the integration takes too long', async () => {
  const response = await get('/v1/slow');
  expect([response.status, await response.json()]).toEqual([504, { server: 'Endpoint request timed out' }]);
});

it('refuses a body over 10 MB', async () => {
  const send = (bytes: number) =>
    fetch(`${gateway.url}/v1/files`, { method: 'POST', body: Buffer.alloc(bytes, 'x') });
  const response = await send(10 * 1024 * 1024 + 1);
  expect([response.status, await response.json()]).toEqual([413, { message: 'Request Too Long' }]);
  // Within the gateway's limit, yet over the 6 MB of a function's event.
  expect((await send(7 * 1024 * 1024)).status).toBe(413);
});

it('answers a CORS preflight without a function', async () => {
  const response = await fetch(`${gateway.url}/v1/guarded/one`, { method: 'OPTIONS' });
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('access-control-allow-methods')).toBe('GET,POST');
});

it('passes the authorizer context on as strings, and asks it once while the answer is kept', async () => {
  const call = async () => (await get('/v1/guarded/one', { authorization: 'good' })).json();
  const authorizerOf = (event: unknown) =>
    (event as { requestContext: { authorizer: object } }).requestContext.authorizer;
  const first = authorizerOf(await call());
  expect(first).toMatchObject({ tenant: 'acme', admin: 'true', calls: '1', principalId: 'tenant-7' });
  expect(authorizerOf(await call())).toMatchObject({ calls: '1' });
  nowMs += 60_001;
  expect(authorizerOf(await call())).toMatchObject({ calls: '2' });
});

it('evaluates a kept policy for each method anew', async () => {
  expect((await get('/v1/guarded/one', { authorization: 'narrow' })).status).toBe(200);
  const other = await get('/v1/guarded/two', { authorization: 'narrow' });
  expect([other.status, await other.json()]).toEqual([
    403,
    { message: 'User is not authorized to access this resource' },
  ]);
});

it.each([
  ['deny', 403, { message: 'User is not authorized to access this resource with an explicit deny' }],
  ['unauthorized', 401, { error: { message: 'Unauthorized', id: expect.stringMatching(/^[0-9a-f-]{36}$/) } }],
  ['broken', 500, { server: null }],
  ['nonsense', 500, { server: null }],
])('answers the token %s with %i', async (authorization, status, body) => {
  const response = await get('/v1/guarded/one', { authorization });
  expect([response.status, await response.json()]).toEqual([status, body]);
});

it('answers 401 without asking the authorizer when the identity source is missing', async () => {
  const response = await get('/v1/guarded/one');
  expect(response.status).toBe(401);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
});

it('gives a token authorizer the token, if it has the form that is asked for', async () => {
  expect((await get('/v1/token', { authorization: 'good' })).status).toBe(200);
  expect((await get('/v1/token', { authorization: 'G00D' })).status).toBe(401);
  expect((await get('/v1/token', { authorization: 'deny' })).status).toBe(403);
});

it('writes an access line without the query', async () => {
  await (await get('/v1/files/file-9?secret=1')).text();
  expect(accessLines.filter((line) => line.includes('file-9'))).toEqual(['GET /v1/files/file-9 200 0ms']);
});
