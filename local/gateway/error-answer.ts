import { contextValue } from './authorize.ts';
import { GATEWAY_ERRORS, type GatewayError } from './gateway-error.ts';
import type { GatewayResponse } from './gateway-response-definition.ts';
import type { HttpAnswer } from './http-answer.ts';
import { type AuthorizerContext, headerOf, type RequestFacts } from './proxy-event.ts';

const DEFAULT_TEMPLATE = '{"message":$context.error.messageString}';

/** Renders a gateway response: its own type's, else DEFAULT_4XX or DEFAULT_5XX, else AWS's default. */
export function errorAnswer(
  responses: ReadonlyMap<string, GatewayResponse>,
  error: GatewayError,
  facts: RequestFacts,
  authorizer: AuthorizerContext | undefined,
): HttpAnswer {
  const { status, name } = GATEWAY_ERRORS[error.type];
  const definition = responses.get(error.type) ?? responses.get(status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
  const context = {
    ...facts.requestContext,
    authorizer,
    error: {
      message: error.message,
      messageString: JSON.stringify(error.message),
      responseType: error.type,
      validationErrorString: '',
    },
  };
  const headers = Object.entries(definition?.headers ?? {}).flatMap(([header, source]) => {
    const value = headerValue(source, facts, context);
    return value === undefined ? [] : [[header.toLowerCase(), value] as const];
  });
  return {
    status: definition?.status ?? status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-errortype': name,
      ...Object.fromEntries(headers),
    },
    body: render(definition?.template ?? DEFAULT_TEMPLATE, context),
  };
}

/** Gateway responses know simple variables only, no Velocity: an unknown one is empty. */
function render(template: string, context: unknown): string {
  return template.replace(
    /\$(?:\{context\.([\w.-]+)\}|context\.(\w+(?:\.\w+)*))/g,
    (_whole, braced: string | undefined, bare: string | undefined) =>
      contextValue(context, braced ?? bare ?? '') ?? '',
  );
}

function headerValue(source: string, facts: RequestFacts, context: unknown): string | undefined {
  const literal = /^'(.*)'$/s.exec(source)?.[1];
  if (literal !== undefined) return literal;
  const [, kind, name = ''] =
    /^(context|method\.request\.header|method\.request\.querystring)\.(.+)$/.exec(source) ?? [];
  switch (kind) {
    case 'context':
      return contextValue(context, name);
    case 'method.request.header':
      return headerOf(facts, name);
    case 'method.request.querystring':
      return facts.queryStringParameters?.[name];
    default:
      return undefined;
  }
}
