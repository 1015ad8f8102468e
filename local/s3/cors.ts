import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { S3Error } from './errors.ts';

/** One rule of a bucket's CORS configuration; the first that matches a request applies, as in S3. */
export interface CorsRule {
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  /** @default - no request header beyond the safelisted ones */
  readonly allowedHeaders?: readonly string[];
  /** @default - a page sees the safelisted answer headers only, so not the ETag */
  readonly exposedHeaders?: readonly string[];
  /** @default - the browser's own caching of preflights */
  readonly maxAgeSeconds?: number;
}

/** The headers that let a page read an answer; none when no rule allows its origin and method. */
export function corsHeaders(
  rules: readonly CorsRule[],
  method: string,
  headers: IncomingHttpHeaders,
): OutgoingHttpHeaders {
  const { origin } = headers;
  if (origin === undefined) return {};
  const rule = rules.find((candidate) => allows(candidate, origin, method, []));
  return rule === undefined ? {} : grant(rule, origin);
}

/** Answers a preflight; throws AccessForbidden (403) when no rule of the bucket allows it. */
export function preflightHeaders(
  rules: readonly CorsRule[],
  headers: IncomingHttpHeaders,
): OutgoingHttpHeaders {
  const { origin } = headers;
  const method = headers['access-control-request-method'];
  if (origin === undefined || method === undefined) {
    throw new S3Error(
      'InvalidRequest',
      'A preflight needs the headers Origin and Access-Control-Request-Method.',
    );
  }
  const asked = (headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const rule = rules.find((candidate) => allows(candidate, origin, method, asked));
  if (rule === undefined) {
    const message =
      'CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, ' +
      "request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.";
    throw new S3Error('AccessForbidden', message, { Method: method, ResourceType: 'OBJECT' });
  }
  return {
    ...grant(rule, origin),
    ...(asked.length === 0 ? {} : { 'access-control-allow-headers': asked.join(', ') }),
  };
}

function allows(rule: CorsRule, origin: string, method: string, asked: readonly string[]): boolean {
  const headers = (rule.allowedHeaders ?? []).map((pattern) => pattern.toLowerCase());
  return (
    rule.allowedMethods.includes(method) &&
    rule.allowedOrigins.some((pattern) => matches(pattern, origin)) &&
    asked.every((name) => headers.some((pattern) => matches(pattern, name)))
  );
}

function matches(pattern: string, value: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === value;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  const longEnough = value.length >= before.length + after.length;
  return longEnough && value.startsWith(before) && value.endsWith(after);
}

function grant(rule: CorsRule, origin: string): OutgoingHttpHeaders {
  const anyOrigin = rule.allowedOrigins.includes('*');
  return {
    'access-control-allow-origin': anyOrigin ? '*' : origin,
    ...(anyOrigin ? {} : { 'access-control-allow-credentials': 'true' }),
    'access-control-allow-methods': rule.allowedMethods.join(', '),
    ...(rule.exposedHeaders === undefined
      ? {}
      : { 'access-control-expose-headers': rule.exposedHeaders.join(', ') }),
    ...(rule.maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(rule.maxAgeSeconds) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}
