import { z } from 'zod';
import type { Resource } from '../template/deployment.ts';
import { parseProperties } from '../template/properties.ts';

const schema = z.object({
  ResponseType: z.string(),
  StatusCode: z.coerce.number().optional(),
  ResponseParameters: z.record(z.string(), z.string()).default({}),
  ResponseTemplates: z.record(z.string(), z.string()).default({}),
});

export interface GatewayResponse {
  readonly type: string;
  readonly status: number | undefined;
  /** Header names to `'literal'` or to a mapping such as `method.request.header.Origin`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly template: string | undefined;
}

const HEADER_PREFIX = 'gatewayresponse.header.';

export function readGatewayResponse(resource: Resource): GatewayResponse {
  const properties = parseProperties(resource, schema);
  const headers = Object.entries(properties.ResponseParameters)
    .filter(([target]) => target.startsWith(HEADER_PREFIX))
    .map(([target, source]) => [target.slice(HEADER_PREFIX.length), source] as const);
  return {
    type: properties.ResponseType,
    status: properties.StatusCode,
    headers: Object.fromEntries(headers),
    template: properties.ResponseTemplates['application/json'],
  };
}
