import { describe, expect, it } from 'vitest';
import { hashApiKey } from '../../../core/api-key.ts';
import type { TenantId } from '../../../core/ids.ts';
import { recordKeys } from '../../../core/keys.ts';
import { put } from '../../../core/records.ts';
import { authorize } from '../../../lambdas/authorizer/handler.ts';
import { memoryRecords } from '../../fakes/records.ts';

const KEY = 'sk-slackline-right';
const STAGE = 'arn:aws:execute-api:eu-central-1:123456789012:abc123/api';

async function withKey() {
  const records = memoryRecords();
  const record = { tenant: 'acme' as TenantId, name: 'test', createdAtMs: 0 };
  await records.change(recordKeys.apiKey(hashApiKey(KEY)), () => put(record, undefined));
  const methodArn = `${STAGE}/POST/v1/batches/batch_1/cancel`;
  return (headers: Record<string, string> | null) => authorize({ records })({ headers, methodArn });
}

describe('the authorizer', () => {
  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
    'lets the right key in by %s',
    async (name) => {
      const call = await withKey();
      expect(await call({ Accept: '*/*', [name]: `Bearer ${KEY}` })).toEqual({
        principalId: 'acme',
        policyDocument: {
          Version: '2012-10-17',
          // The gateway keeps it for the key's next calls: it has to cover them all, and no other stage.
          Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: `${STAGE}/*` }],
        },
        context: { tenant: 'acme' },
      });
    },
  );

  it.each([
    ['no headers', null],
    ['no key', {}],
    ['an empty key', { authorization: 'Bearer ' }],
    ['another key', { authorization: `Bearer ${KEY}x` }],
    ['the hash for the key', { authorization: `Bearer ${hashApiKey(KEY)}` }],
    ['another scheme', { authorization: `Basic ${KEY}` }],
    ['a key that is not alone', { authorization: `Bearer ${KEY} x` }],
  ])('refuses %s in the words that the gateway takes for 401', async (_, headers) => {
    await expect((await withKey())(headers)).rejects.toThrow(/^Unauthorized$/);
  });
});
