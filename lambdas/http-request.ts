import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { TenantId } from '../core/ids.ts';
import { badRequest } from '../core/wire/reject-request.ts';

/** A request as the handlers see it. */
export interface ApiRequest {
  /** From the authorizer alone: nothing that a caller sends names a tenant. */
  readonly tenant: TenantId;
  /** The gateway's; the answer's `x-request-id`. */
  readonly requestId: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the path's template. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Expects header names in lower case: the normalizer of the HTTP stack has made them so. */
export function toApiRequest(event: APIGatewayProxyEvent): ApiRequest {
  const tenant: unknown = event.requestContext.authorizer?.['tenant'];
  if (typeof tenant !== 'string' || tenant === '') throw new Error('The authorizer named no tenant.');
  return {
    tenant: tenant as TenantId,
    requestId: event.requestContext.requestId,
    headers: defined(event.headers),
    path: defined(event.pathParameters),
    query: defined(event.queryStringParameters),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
  };
}

const defined = (fields: Readonly<Record<string, string | undefined>> | null): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** The body as JSON; what is not JSON is the caller's to mend. */
export function jsonBody({ body }: ApiRequest): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString());
  } catch {
    throw badRequest(
      'We could not parse the JSON body of your request. Send a JSON object with the header "Content-Type: application/json".',
      null,
      null,
    );
  }
}
