import type { LineError } from '../batch/batch.ts';
import type { Fleet } from '../fleet/catalogue.ts';
import { modelsOf } from '../fleet/models.ts';
import { memberSpan } from './body-span.ts';
import { type EndpointRules, rulesOf } from './endpoint-rules.ts';
import { foreignMedia } from './foreign-media.ts';
import { type Problem, problems } from './line-problems.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A line as it was read. What could not be read is null; then `errors` says why. */
export interface CheckedLine {
  readonly line: number;
  readonly customId: string | null;
  /** The line's model, and the Fleet that serves it on the Batch's endpoint. */
  readonly served: ServedModel | null;
  readonly body: JsonObject | null;
  /** The body byte for byte; it lies in the line. */
  readonly bodyBytes: Uint8Array;
  readonly errors: readonly LineError[];
}

export interface ServedModel {
  /** As the line names it: the Fleet's own, or one of its adapters. */
  readonly model: string;
  readonly fleet: Fleet;
}

export interface CheckFacts {
  readonly endpoint: string;
  readonly fleets: readonly Fleet[];
}

/** Parses and checks one line by itself and collects all that is wrong with it. Throws nothing. */
export function checkLine(line: number, bytes: Uint8Array, facts: CheckFacts): CheckedLine {
  const parsed = parse(bytes);
  if (!isObject(parsed)) {
    const problem = parsed === undefined ? problems.unparseable() : problems.notAnObject();
    return {
      line,
      customId: null,
      served: null,
      body: null,
      bodyBytes: bytes,
      errors: [{ ...problem, line }],
    };
  }
  const body = isObject(parsed.body) ? parsed.body : null;
  const model = body === null ? { served: null, found: [] } : checkModel(body, facts);
  const found = [
    ...checkCustomId(parsed.custom_id),
    ...checkMethod(parsed.method),
    ...checkUrl(parsed.url, facts.endpoint),
    ...(body === null ? missingOr(parsed.body, 'body', 'an object') : checkBody(body, facts.endpoint)),
    ...model.found,
  ];
  const span = body === null ? null : memberSpan(bytes, 'body');
  return {
    line,
    customId: typeof parsed.custom_id === 'string' ? parsed.custom_id : null,
    served: model.served,
    body,
    bodyBytes: span === null ? new Uint8Array() : bytes.subarray(span.start, span.end),
    errors: found.map((problem) => ({ ...problem, line })),
  };
}

/** Undefined where the bytes are not UTF-8 or not JSON. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A null counts as missing, as it does in OpenAI's request bodies. */
const isMissing = (value: unknown): boolean => value === undefined || value === null;

const missingOr = (value: unknown, param: string, expected: string): readonly Problem[] => [
  isMissing(value) ? problems.missing(param) : problems.wrongType(param, expected, value),
];

/** An empty custom_id names no Request, so it counts as missing. */
function checkCustomId(value: unknown): readonly Problem[] {
  if (value === '') return [problems.missing('custom_id')];
  if (typeof value !== 'string') return missingOr(value, 'custom_id', 'a string');
  return value.isWellFormed() ? [] : [problems.illFormedId()];
}

function checkMethod(value: unknown): readonly Problem[] {
  if (typeof value !== 'string') return missingOr(value, 'method', 'a string');
  return value === 'POST' ? [] : [problems.wrongMethod(value)];
}

function checkUrl(value: unknown, endpoint: string): readonly Problem[] {
  if (typeof value !== 'string') return missingOr(value, 'url', 'a string');
  return value === endpoint ? [] : [problems.wrongUrl()];
}

function checkBody(body: JsonObject, endpoint: string): readonly Problem[] {
  const { api, fields } = rulesOf(endpoint);
  const media = foreignMedia(body);
  return [
    ...(body.stream === true ? [problems.streaming(api)] : []),
    ...missingOf(body, fields).map(problems.required),
    ...(media === null ? [] : [problems.foreignMedia(media.path, media.scheme)]),
  ];
}

/** What is missing of the alternative that the body comes closest to, the first of equals. */
function missingOf(body: JsonObject, [first, ...others]: EndpointRules['fields']): readonly string[] {
  const missing = (fields: readonly string[]): readonly string[] =>
    fields.filter((name) => isMissing(body[name]));
  return others
    .map(missing)
    .reduce((least, each) => (each.length < least.length ? each : least), missing(first));
}

function checkModel(
  { model }: JsonObject,
  { endpoint, fleets }: CheckFacts,
): { readonly served: ServedModel | null; readonly found: readonly Problem[] } {
  if (isMissing(model) || model === '') return { served: null, found: [problems.required('model')] };
  if (typeof model !== 'string') {
    return { served: null, found: [problems.wrongType('body.model', 'a string', model)] };
  }
  const ofModel = fleets.filter((fleet) => modelsOf(fleet).includes(model));
  if (ofModel.length === 0) return { served: null, found: [problems.unknownModel(model)] };
  const fleet = ofModel.find(({ endpoints }) => endpoints.some((each) => each === endpoint));
  if (fleet !== undefined) return { served: { model, fleet }, found: [] };
  const endpoints = ofModel.flatMap((each) => each.endpoints);
  return { served: null, found: [problems.endpointNotServed(model, endpoint, endpoints)] };
}
