import { z } from 'zod';
import type { Resource } from '../template/deployment.ts';
import { parseProperties } from '../template/properties.ts';

const parameters = z.record(z.string(), z.unknown());
const templates = z.record(z.string(), z.string());

const schema = z.object({
  HttpMethod: z.string(),
  ResourceId: z.string(),
  AuthorizationType: z.string().default('NONE'),
  AuthorizerId: z.string().optional(),
  Integration: z.object({
    Type: z.string(),
    Uri: z.string().optional(),
    TimeoutInMillis: z.coerce.number().default(29_000),
    RequestTemplates: templates.default({}),
    IntegrationResponses: z
      .array(
        z.object({
          StatusCode: z.coerce.string(),
          SelectionPattern: z.string().optional(),
          ResponseParameters: parameters.default({}),
          ResponseTemplates: templates.default({}),
        }),
      )
      .default([]),
  }),
});

export interface MockAnswer {
  readonly status: number;
  readonly selectionPattern: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Integration =
  | { readonly kind: 'function'; readonly functionArn: string; readonly timeoutMs: number }
  | { readonly kind: 'mock'; readonly statusCode: string; readonly answers: readonly MockAnswer[] };

export interface Method {
  readonly resourceId: string;
  readonly httpMethod: string;
  readonly authorizerId: string | undefined;
  readonly integration: Integration;
}

type Properties = z.infer<typeof schema>;

/** Reads a method; one that is open here and guarded on AWS must not be, so other ways to authorize throw. */
export function readMethod(resource: Resource): Method {
  const properties = parseProperties(resource, schema);
  const { AuthorizationType, AuthorizerId } = properties;
  const label = `${resource.stack}.${resource.logicalId}`;
  if (AuthorizationType !== 'NONE' && AuthorizationType !== 'CUSTOM') {
    throw new Error(`${label}: the local gateway does not emulate AuthorizationType ${AuthorizationType}.`);
  }
  return {
    resourceId: properties.ResourceId,
    httpMethod: properties.HttpMethod,
    authorizerId: AuthorizationType === 'CUSTOM' ? AuthorizerId : undefined,
    integration: readIntegration(label, properties.Integration),
  };
}

/** The function in an integration's or authorizer's URI. */
export function functionArnIn(uri: string): string | undefined {
  return /\/functions\/(.+)\/invocations$/.exec(uri)?.[1];
}

function readIntegration(label: string, integration: Properties['Integration']): Integration {
  const functionArn = functionArnIn(integration.Uri ?? '');
  if (integration.Type === 'AWS_PROXY' && functionArn !== undefined) {
    return { kind: 'function', functionArn, timeoutMs: integration.TimeoutInMillis };
  }
  if (integration.Type !== 'MOCK') {
    throw new Error(`${label}: the local gateway emulates AWS_PROXY and MOCK, not ${integration.Type}.`);
  }
  const template = integration.RequestTemplates['application/json'] ?? '';
  return {
    kind: 'mock',
    statusCode: /statusCode"?\s*:\s*"?(\d+)/.exec(template)?.[1] ?? '',
    answers: integration.IntegrationResponses.map((one) => ({
      status: Number(one.StatusCode),
      selectionPattern: one.SelectionPattern,
      headers: staticHeaders(one.ResponseParameters, 'method.response.header.'),
      body: withoutDirectives(one.ResponseTemplates['application/json'] ?? ''),
    })),
  };
}

/** The headers of a parameter mapping whose values are literals in single quotes. */
function staticHeaders(mapping: Readonly<Record<string, unknown>>, prefix: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [target, source] of Object.entries(mapping)) {
    const literal = /^'(.*)'$/s.exec(String(source))?.[1];
    if (target.startsWith(prefix) && literal !== undefined) {
      headers[target.slice(prefix.length).toLowerCase()] = literal;
    }
  }
  return headers;
}

/** Velocity is not emulated: a template that uses it gives no body rather than its source. */
function withoutDirectives(template: string): string {
  return /^\s*#|\$\w|\$\{/m.test(template) ? '' : template;
}
