import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from '../lambda/read-body.ts';
import type { LambdaRunner } from '../lambda/runner.ts';
import type { Deployment } from '../template/deployment.ts';
import { type Authorize, createAuthorize } from './authorize.ts';
import { errorAnswer } from './error-answer.ts';
import { type GatewayError, INTERNAL_ERROR, NO_ROUTE, TOO_LARGE } from './gateway-error.ts';
import type { HttpAnswer } from './http-answer.ts';
import { answerMock, callFunction, type IntegrationResult } from './integrations.ts';
import {
  type AuthorizerContext,
  headerOf,
  proxyEvent,
  type RequestFacts,
  requestFacts,
} from './proxy-event.ts';
import { type RestApi, readRestApi } from './rest-api.ts';
import { createRouter, type Route, type Router } from './router.ts';

export interface GatewayOptions {
  readonly deployment: Deployment;
  readonly invoke: LambdaRunner['invoke'];
  /** @default 0 - a free one */
  readonly port?: number;
  /** Added to those of the stage. */
  readonly stageVariables?: Readonly<Record<string, string>>;
  /** Method, path without query, status and time of each request. */
  readonly onAccess?: (line: string) => void;
  /** @default Date.now */
  readonly nowMs?: () => number;
}

export interface Gateway {
  /** Without a trailing slash; the stage's name may follow it or not. */
  readonly url: string;
  close(): Promise<void>;
}

/** API Gateway's fixed limit for a request's body. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

interface Context {
  readonly api: RestApi;
  readonly router: Router;
  readonly authorize: Authorize;
  readonly invoke: LambdaRunner['invoke'];
  readonly nowMs: () => number;
  readonly accountId: string;
  readonly methodArnPrefix: string;
}

/** Serves the REST API of a deployment; throws at once where the API uses what is not emulated. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const context = createContext(options);
  const server = createServer((request, response) => {
    const startedAtMs = context.nowMs();
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    response.once('finish', () => {
      const line = `${request.method} ${path} ${response.statusCode} ${context.nowMs() - startedAtMs}ms`;
      options.onAccess?.(line);
    });
    void respond(context, request, response, path).catch(() => response.destroy());
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function createContext(options: GatewayOptions): Context {
  const { deployment, invoke, stageVariables, nowMs = Date.now } = options;
  const { partition, region, accountId } = deployment.environment;
  const read = readRestApi(deployment);
  const api = { ...read, stageVariables: { ...read.stageVariables, ...stageVariables } };
  return {
    api,
    router: createRouter(api),
    authorize: createAuthorize(invoke, nowMs),
    invoke,
    nowMs,
    accountId,
    methodArnPrefix: `arn:${partition}:execute-api:${region}:${accountId}:${api.id}/${api.stage}`,
  };
}

async function respond(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  calledPath: string,
): Promise<void> {
  const { api, router, accountId, nowMs } = context;
  const requestId = randomUUID();
  const path = router.withoutStage(calledPath);
  const route = router.find(request.method ?? 'GET', path);
  const arrival = { request, requestId, accountId, path, calledPath, route, nowMs: nowMs() };
  const facts = requestFacts(api, arrival);
  const body = await readBody(request, MAX_BODY_BYTES);
  const answer = await answerTo(context, facts, route, body);
  response.writeHead(answer.status, { ...writable(answer), 'x-amzn-requestid': requestId });
  response.end(answer.body);
}

async function answerTo(
  context: Context,
  facts: RequestFacts,
  route: Route | undefined,
  body: Buffer | undefined,
): Promise<HttpAnswer> {
  const { api } = context;
  const fail = (error: GatewayError, told?: AuthorizerContext) =>
    errorAnswer(api.responses, error, facts, told);
  if (body === undefined) return fail(TOO_LARGE);
  if (route === undefined) return fail(NO_ROUTE);
  const authorization = await authorizationFor(context, facts, route);
  if (authorization?.kind === 'refused') return fail(authorization.error, authorization.context);
  const result = await integrate(context, route, proxyEvent(api, facts, body, authorization?.context));
  return result.kind === 'answer' ? result.answer : fail(result.error, authorization?.context);
}

async function authorizationFor(
  { api, authorize, methodArnPrefix }: Context,
  facts: RequestFacts,
  route: Route,
) {
  const { authorizerId } = route.method;
  if (authorizerId === undefined) return undefined;
  const authorizer = api.authorizers.get(authorizerId);
  if (authorizer === undefined) return { kind: 'refused', error: INTERNAL_ERROR, context: {} } as const;
  return authorize(authorizer, facts, `${methodArnPrefix}/${facts.httpMethod}${facts.path}`);
}

async function integrate(
  { api, invoke }: Context,
  { method: { integration } }: Route,
  event: ReturnType<typeof proxyEvent>,
): Promise<IntegrationResult> {
  switch (integration.kind) {
    case 'mock':
      return answerMock(integration);
    case 'function': {
      const { binaryMediaTypes } = api;
      return callFunction(invoke, {
        integration,
        event,
        accept: headerOf(event, 'accept'),
        binaryMediaTypes,
      });
    }
  }
}

function writable({ headers }: HttpAnswer): Record<string, string | string[]> {
  const entries = Object.entries(headers).map(
    ([name, value]) => [name, typeof value === 'string' ? value : [...value]] as const,
  );
  return Object.fromEntries(entries);
}
