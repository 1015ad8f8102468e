import { z } from 'zod';
import type { Resource } from '../template/deployment.ts';
import { parseProperties } from '../template/properties.ts';
import { functionArnIn } from './method.ts';

const schema = z.object({
  Type: z.string(),
  AuthorizerUri: z.string().optional(),
  AuthorizerResultTtlInSeconds: z.coerce.number().default(300),
  IdentitySource: z.string().default(''),
  IdentityValidationExpression: z.string().optional(),
});

export interface Authorizer {
  readonly type: 'REQUEST' | 'TOKEN';
  readonly functionArn: string;
  readonly ttlMs: number;
  /** Such as `method.request.header.Authorization`. */
  readonly identitySources: readonly string[];
  readonly tokenPattern: RegExp | undefined;
}

/** Reads a Lambda authorizer; another kind throws. */
export function readAuthorizer(resource: Resource): Authorizer {
  const properties = parseProperties(resource, schema);
  const { Type: type, IdentityValidationExpression: pattern } = properties;
  const functionArn = functionArnIn(properties.AuthorizerUri ?? '');
  if ((type !== 'REQUEST' && type !== 'TOKEN') || functionArn === undefined) {
    const label = `${resource.stack}.${resource.logicalId}`;
    throw new Error(`${label}: the local gateway emulates REQUEST and TOKEN authorizers, not ${type}.`);
  }
  return {
    type,
    functionArn,
    ttlMs: properties.AuthorizerResultTtlInSeconds * 1000,
    identitySources: properties.IdentitySource.split(',')
      .map((source) => source.trim())
      .filter((source) => source !== ''),
    tokenPattern: pattern === undefined ? undefined : new RegExp(`^(?:${pattern})$`),
  };
}
