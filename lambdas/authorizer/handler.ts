import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { hashApiKey } from '../../core/api-key.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Records } from '../../core/ports.ts';

/** API Gateway answers 401 to this message, and 500 to any other. */
export const UNAUTHORIZED = 'Unauthorized';

/**
 * Lets a caller in by its API key and names the tenant. The policy covers the whole stage: API Gateway keeps it for
 * the next calls with the same key, whatever they are.
 */
export const authorize =
  ({ records }: { readonly records: Records }) =>
  async (
    event: Pick<APIGatewayRequestAuthorizerEvent, 'headers' | 'methodArn'>,
  ): Promise<APIGatewayAuthorizerResult> => {
    const apiKey = bearer(event.headers ?? {});
    const key = apiKey === null ? null : await records.read(recordKeys.apiKey(hashApiKey(apiKey)));
    if (key === null) throw new Error(UNAUTHORIZED);
    return {
      principalId: key.tenant,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: stageArn(event.methodArn) }],
      },
      context: { tenant: key.tenant },
    };
  };

function bearer(headers: Readonly<Record<string, string | undefined>>): string | null {
  const header = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  return /^Bearer\s+(\S+)$/i.exec(header ?? '')?.[1] ?? null;
}

/** `arn:…:api/stage/METHOD/path` → all methods and paths of the stage. */
const stageArn = (methodArn: string): string => `${methodArn.split('/').slice(0, 2).join('/')}/*`;
