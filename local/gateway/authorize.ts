import { z } from 'zod';
import type { LambdaRunner } from '../lambda/runner.ts';
import type { Authorizer } from './authorizer-definition.ts';
import { type GatewayError, UNAUTHORIZED } from './gateway-error.ts';
import { evaluatePolicy, policySchema } from './policy.ts';
import { type AuthorizerContext, headerOf, type RequestFacts } from './proxy-event.ts';

export type Authorization =
  | { readonly kind: 'allowed'; readonly context: AuthorizerContext }
  | { readonly kind: 'refused'; readonly error: GatewayError; readonly context: AuthorizerContext };

export type Authorize = (
  authorizer: Authorizer,
  facts: RequestFacts,
  methodArn: string,
) => Promise<Authorization>;

const answerSchema = z.object({
  principalId: z.coerce.string(),
  policyDocument: policySchema,
  context: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});

type Answer = z.infer<typeof answerSchema>;

const NO_CONTEXT: AuthorizerContext = {};

/** Calls Lambda authorizers, and keeps their answers for their time to live under the identity sources. */
export function createAuthorize(invoke: LambdaRunner['invoke'], nowMs: () => number): Authorize {
  const cache = new Map<string, { readonly answer: Answer; readonly untilMs: number }>();
  return async (authorizer, facts, methodArn) => {
    const identity = authorizer.identitySources.map((source) => identityOf(source, facts));
    const [token = ''] = identity;
    if (identity.some((value) => !value) || authorizer.tokenPattern?.test(token) === false) {
      return refused(UNAUTHORIZED);
    }
    const key = JSON.stringify([authorizer.functionArn, identity]);
    const known = cache.get(key);
    if (known !== undefined && known.untilMs > nowMs()) return decide(known.answer, methodArn);

    const startedAtMs = nowMs();
    const result = await invoke(authorizer.functionArn, eventOf(authorizer, facts, methodArn, token));
    if (result.kind === 'error') {
      const isRefusal = result.errorMessage === 'Unauthorized';
      return refused(isRefusal ? UNAUTHORIZED : { type: 'AUTHORIZER_FAILURE', message: null });
    }
    const parsed = answerSchema.safeParse(result.payload);
    if (!parsed.success) return refused({ type: 'AUTHORIZER_CONFIGURATION_ERROR', message: null });
    if (authorizer.ttlMs > 0 && identity.length > 0) {
      cache.set(key, { answer: parsed.data, untilMs: nowMs() + authorizer.ttlMs });
    }
    return decide(parsed.data, methodArn, nowMs() - startedAtMs);
  };
}

function decide(
  { principalId, policyDocument, context }: Answer,
  methodArn: string,
  latencyMs = 0,
): Authorization {
  const values = Object.entries(context).map(([name, value]) => [name, String(value)] as const);
  const told = { ...Object.fromEntries(values), principalId, integrationLatency: latencyMs };
  const verdict = evaluatePolicy(policyDocument, methodArn);
  if (verdict === 'allow') return { kind: 'allowed', context: told };
  const reason = verdict === 'explicit-deny' ? ' with an explicit deny' : '';
  const message = `User is not authorized to access this resource${reason}`;
  return refused({ type: 'ACCESS_DENIED', message }, told);
}

function refused(error: GatewayError, context = NO_CONTEXT): Authorization {
  return { kind: 'refused', error, context };
}

function eventOf({ type }: Authorizer, facts: RequestFacts, methodArn: string, token: string): unknown {
  return type === 'TOKEN' ? { type, methodArn, authorizationToken: token } : { type, methodArn, ...facts };
}

function identityOf(source: string, facts: RequestFacts): string | undefined {
  const [, kind, name = ''] = /^(?:method\.request\.)?(\w+)\.(.+)$/.exec(source) ?? [];
  switch (kind) {
    case 'header':
      return headerOf(facts, name);
    case 'querystring':
      return facts.queryStringParameters?.[name];
    case 'stageVariables':
      return facts.stageVariables?.[name];
    case 'context':
      return contextValue(facts.requestContext, name);
    default:
      return undefined;
  }
}

/** The value at a dotted path of `$context`. */
export function contextValue(context: unknown, path: string): string | undefined {
  const found = path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], context);
  return found === undefined || found === null ? undefined : String(found);
}
