import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { APIGatewayEventRequestContextWithAuthorizer, APIGatewayProxyEventBase } from 'aws-lambda';
import { isBinary } from './media-types.ts';
import type { RestApi } from './rest-api.ts';
import type { Route } from './router.ts';

export type AuthorizerContext = Readonly<Record<string, string | number>>;

/** The part of a REST proxy event that stands before the body is read and the caller authorized. */
export type RequestFacts = Omit<APIGatewayProxyEventBase<undefined>, 'body' | 'isBase64Encoded'>;

export interface Arrival {
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly accountId: string;
  /** Without the stage and the query. */
  readonly path: string;
  /** As the caller wrote it, without the query: a domain of one's own has no stage in it. */
  readonly calledPath: string;
  readonly route: Route | undefined;
  readonly nowMs: number;
}

/** Hop-by-hop headers: they are between the client and the gateway. */
const NOT_PASSED_ON = new Set(['connection', 'keep-alive', 'transfer-encoding', 'te', 'upgrade', 'expect']);

/** The facts of a request as API Gateway tells them to functions (Lambda proxy integration, REST, v1). */
export function requestFacts(api: RestApi, arrival: Arrival): RequestFacts {
  const { request, route, path } = arrival;
  const headers = groupPairs(passedOnHeaders(request));
  const query = groupPairs([...searchOf(request)]);
  return {
    resource: route?.resourcePath ?? '',
    path,
    httpMethod: request.method ?? 'GET',
    headers: lastValues(headers) ?? {},
    multiValueHeaders: headers,
    queryStringParameters: lastValues(query),
    multiValueQueryStringParameters: Object.keys(query).length > 0 ? query : null,
    pathParameters: route?.pathParameters ?? null,
    stageVariables: Object.keys(api.stageVariables).length > 0 ? api.stageVariables : null,
    requestContext: requestContext(api, arrival),
  };
}

/** The event of a proxy integration: a body of a binary media type goes in base64, any other as text. */
export function proxyEvent(
  api: RestApi,
  facts: RequestFacts,
  body: Buffer,
  authorizer: AuthorizerContext | undefined,
): APIGatewayProxyEventBase<AuthorizerContext | undefined> {
  const isBase64Encoded = body.length > 0 && isBinary(headerOf(facts, 'content-type'), api.binaryMediaTypes);
  const text = body.toString(isBase64Encoded ? 'base64' : 'utf8');
  return {
    ...facts,
    requestContext: { ...facts.requestContext, authorizer },
    body: body.length === 0 ? null : text,
    isBase64Encoded,
  };
}

export function headerOf(facts: Pick<RequestFacts, 'headers'>, name: string): string | undefined {
  const entry = Object.entries(facts.headers).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return entry?.[1];
}

function requestContext(
  api: RestApi,
  { request, requestId, accountId, calledPath, route, nowMs }: Arrival,
): APIGatewayEventRequestContextWithAuthorizer<undefined> {
  const domainName = request.headers.host ?? '';
  return {
    accountId,
    apiId: api.id,
    authorizer: undefined,
    domainName,
    domainPrefix: domainName.split('.')[0] ?? '',
    extendedRequestId: randomUUID(),
    httpMethod: request.method ?? 'GET',
    identity: {
      accessKey: null,
      accountId: null,
      apiKey: null,
      apiKeyId: null,
      caller: null,
      clientCert: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
      user: null,
      userAgent: request.headers['user-agent'] ?? null,
      userArn: null,
    },
    path: calledPath,
    protocol: `HTTP/${request.httpVersion}`,
    requestId,
    requestTime: new Date(nowMs).toUTCString(),
    requestTimeEpoch: nowMs,
    resourceId: route?.method.resourceId ?? '',
    resourcePath: route?.resourcePath ?? '',
    stage: api.stage,
  };
}

function passedOnHeaders(request: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(at, at + 2);
    if (!NOT_PASSED_ON.has(name.toLowerCase())) pairs.push([name, value]);
  }
  pairs.push(['X-Forwarded-For', request.socket.remoteAddress ?? '127.0.0.1']);
  pairs.push(['X-Forwarded-Port', String(request.socket.localPort)], ['X-Forwarded-Proto', 'http']);
  return pairs;
}

function searchOf(request: IncomingMessage): URLSearchParams {
  const [, ...query] = (request.url ?? '').split('?');
  return new URLSearchParams(query.join('?'));
}

function groupPairs(pairs: readonly [string, string][]): Record<string, string[]> {
  const grouped: Record<string, string[]> = {};
  for (const [name, value] of pairs) {
    const values = grouped[name] ?? [];
    values.push(value);
    grouped[name] = values;
  }
  return grouped;
}

function lastValues(grouped: Readonly<Record<string, readonly string[]>>): Record<string, string> | null {
  const entries = Object.entries(grouped).map(([name, values]) => [name, values.at(-1) ?? ''] as const);
  return entries.length === 0 ? null : Object.fromEntries(entries);
}
