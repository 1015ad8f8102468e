import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy, { type MiddlewareObj } from '@middy/core';
import httpHeaderNormalizer from '@middy/http-header-normalizer';
import httpRouter, { type Method, type Route } from '@middy/http-router';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { type Rejection, RejectRequest } from '../core/wire/reject-request.ts';
import { type ApiAnswer, toErrorResult, toResult } from './http-answer.ts';
import { type ApiRequest, toApiRequest } from './http-request.ts';
import { withoutPayload } from './without-payload.ts';

export type ApiHandler = (request: ApiRequest) => Promise<ApiAnswer>;

/** `GET /v1/files/{file_id}` → its handler. */
export type Routes = Readonly<Record<string, ApiHandler>>;

const SERVER_ERROR: Rejection = {
  status: 500,
  message:
    'The server had an error while processing your request. Try again; if it stays, tell your operator the x-request-id.',
  type: 'server_error',
};

/** The one way to serve the API: routes, the tenant, the request's id, errors in OpenAI's shape. */
export function httpHandler(routes: Routes) {
  const logger = new Logger();
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(errors(logger))
    .use(httpHeaderNormalizer())
    .handler(
      httpRouter({
        routes: Object.entries(routes).map(([route, handler]) => toRoute(route, handler)),
        notFoundResponse: unknownUrl,
      }),
    );
}

/** In OpenAI's words. */
function unknownUrl({ method, path }: { readonly method: string; readonly path: string }): never {
  throw new RejectRequest({ status: 404, message: `Invalid URL (${method} ${path})`, code: 'unknown_url' });
}

function toRoute(route: string, handler: ApiHandler): Route<APIGatewayProxyEvent, APIGatewayProxyResult> {
  const [method = '', path = ''] = route.split(' ');
  return {
    method: method as Method,
    path,
    handler: async (event: APIGatewayProxyEvent) =>
      toResult(await handler(toApiRequest(event)), event.requestContext.requestId),
  };
}

function errors(logger: Logger): MiddlewareObj<APIGatewayProxyEvent, APIGatewayProxyResult> {
  return {
    onError: (request) => {
      const { requestId } = request.event.requestContext;
      const { error } = request;
      if (error instanceof RejectRequest) request.response = toErrorResult(error.rejection, requestId);
      else {
        const batchId = request.event.pathParameters?.['batch_id'];
        logger.error('request failed', { requestId, batchId, error: withoutPayload(error as Error) });
        request.response = toErrorResult(SERVER_ERROR, requestId);
      }
    },
  };
}
