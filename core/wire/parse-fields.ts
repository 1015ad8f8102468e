import type { ZodType, z } from 'zod';
import { badRequest, type RejectRequest } from './reject-request.ts';

type Issue = z.core.$ZodIssue;

/** Parses a JSON body or query fields; the first thing that is wrong is told in OpenAI's words. */
export function parseFields<T>(schema: ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  if (first === undefined) throw parsed.error;
  throw rejectionOf(first, value);
}

function rejectionOf(issue: Issue, root: unknown): RejectRequest {
  const { path } = issue;
  const param = path.join('.');
  const value = valueAt(root, path);
  if (value === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value')) {
    return badRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
  }
  switch (issue.code) {
    case 'invalid_type': {
      const where = path.length === 0 ? 'Invalid request body' : `Invalid type for '${param}'`;
      const message = `${where}: expected ${named(issue.expected)}, but got ${typeOf(value)} instead.`;
      return badRequest(message, path.length === 0 ? null : param, 'invalid_type');
    }
    case 'invalid_value':
      return badRequest(
        `Invalid value: '${String(value)}'. Supported values are: ${issue.values.map((each) => `'${String(each)}'`).join(', ')}.`,
        param,
        'invalid_value',
      );
    case 'too_big':
      return badRequest(tooBig(param, issue, value), param, `${kindOf(issue)}_above_max_${measureOf(issue)}`);
    case 'too_small':
      return badRequest(
        tooSmall(param, issue, value),
        param,
        `${kindOf(issue)}_below_min_${measureOf(issue)}`,
      );
    case 'unrecognized_keys': {
      const unknown = [...path, issue.keys[0] ?? ''].join('.');
      return badRequest(`Unknown parameter: '${unknown}'.`, unknown, 'unknown_parameter');
    }
    default:
      return badRequest(`Invalid '${param}': ${issue.message}`, param, 'invalid_value');
  }
}

type Bound = Extract<Issue, { code: 'too_big' | 'too_small' }>;

const kindOf = ({ origin }: Bound): string => (origin === 'number' || origin === 'int' ? 'integer' : origin);
const measureOf = ({ origin }: Bound): string => (origin === 'string' ? 'length' : 'value');

function tooBig(param: string, issue: Extract<Issue, { code: 'too_big' }>, value: unknown): string {
  if (issue.origin === 'string') {
    return `Invalid '${param}': string too long. Expected a string with maximum length ${issue.maximum}, but got a string with length ${String(value).length} instead.`;
  }
  return `Invalid '${param}': ${kindOf(issue)} above maximum value. Expected a value <= ${issue.maximum}, but got ${String(value)} instead.`;
}

function tooSmall(param: string, issue: Extract<Issue, { code: 'too_small' }>, value: unknown): string {
  if (issue.origin === 'string') {
    return `Invalid '${param}': string too short. Expected a string with minimum length ${issue.minimum}.`;
  }
  return `Invalid '${param}': ${kindOf(issue)} below minimum value. Expected a value >= ${issue.minimum}, but got ${String(value)} instead.`;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[step];
  return value;
}

const ARTICLES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  null: 'null',
};
const named = (type: string): string => ARTICLES[type] ?? type;

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a number';
  return named(typeof value);
}
