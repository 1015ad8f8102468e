import type { LineError } from '../batch/batch.ts';

/** What is wrong with a line, before it has a line number. Codes and messages as OpenAI's where they are recorded. */
export type Problem = Omit<LineError, 'line'>;

/** Longer values are cut in messages, so that an error list stays small. */
const MAX_SHOWN = 100;
const shown = (value: string): string =>
  value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…`.toWellFormed() : value.toWellFormed();

export const problems = {
  unparseable: (): Problem => ({
    code: 'invalid_json_line',
    message: 'This line is not parseable as valid JSON.',
    param: null,
  }),
  notAnObject: (): Problem => ({
    code: 'invalid_json_line',
    message: 'This line is not a JSON object. Each line must hold one request object.',
    param: null,
  }),
  byteOrderMark: (): Problem => ({
    code: 'invalid_json_line',
    message: 'The file begins with a byte order mark. Save it as UTF-8 without BOM.',
    param: null,
  }),
  tooLong: (maxBytes: number): Problem => ({
    code: 'invalid_request',
    message: `This line is longer than ${maxBytes} bytes. Shorten it, or pass large media by URL.`,
    param: null,
  }),
  missing: (param: string): Problem => ({
    code: 'missing_required_parameter',
    message: `Missing required parameter: '${param}'.`,
    param,
  }),
  wrongType: (param: string, expected: string, value: unknown): Problem => ({
    code: 'invalid_request',
    message: `Invalid type for '${param}': expected ${expected}, but got ${typeName(value)} instead.`,
    param,
  }),
  illFormedId: (): Problem => ({
    code: 'invalid_request',
    message: "Invalid 'custom_id': it holds half of a surrogate pair. Use well-formed Unicode text.",
    param: 'custom_id',
  }),
  wrongMethod: (method: string): Problem => ({
    code: 'invalid_request',
    message: `Invalid method: '${shown(method)}'. Supported values are: 'POST'.`,
    param: 'method',
  }),
  wrongUrl: (): Problem => ({
    code: 'invalid_url',
    message: 'The URL provided for this request does not match the batch endpoint.',
    param: 'url',
  }),
  streaming: (api: string): Problem => ({
    code: 'streaming_unsupported',
    message: `${api}: Streaming is not supported in the Batch API.`,
    param: 'body.stream',
  }),
  required: (name: string): Problem => ({
    code: 'invalid_request',
    message: `${name.charAt(0).toUpperCase()}${name.slice(1)} parameter is required.`,
    param: `body.${name}`,
  }),
  foreignMedia: (path: string, scheme: string): Problem => ({
    code: 'invalid_request',
    message: `Invalid URL: '${shown(scheme)}:' is not supported. Supported schemes are: 'https', 'http' and 'data'.`,
    param: `body.${path}`,
  }),
  unknownModel: (model: string): Problem => ({
    code: 'model_not_found',
    message: `The provided model '${shown(model)}' is not supported by the Batch API.`,
    param: 'body.model',
  }),
  endpointNotServed: (model: string, endpoint: string, served: readonly string[]): Problem => ({
    code: 'invalid_request',
    message: `The model '${shown(model)}' does not serve ${endpoint}. It serves: ${served.join(', ')}.`,
    param: 'body.model',
  }),
  otherModel: (model: string, first: string): Problem => ({
    code: 'model_mismatch',
    message: `The model '${shown(model)}' differs from '${shown(first)}' above. A batch runs one model: split the file.`,
    param: 'body.model',
  }),
  duplicateId: (customId: string): Problem => ({
    code: 'duplicate_custom_id',
    message: `The custom_id '${shown(customId)}' was used on a line above. Each custom_id must be unique.`,
    param: 'custom_id',
  }),
} as const;

/** Errors that are not of one line. */
export const fileErrors = {
  empty: (): LineError => ({
    code: 'empty_file',
    message: 'The input file holds no request.',
    param: null,
    line: null,
  }),
  tooMany: (maxLines: number): LineError => ({
    code: 'too_many_tasks',
    message: `The input file holds more than ${maxLines} requests. Split it into several batches.`,
    param: null,
    line: null,
  }),
  notFound: (fileId: string, tenant: string): LineError => ({
    code: 'invalid_request',
    message: `Cannot find file ${fileId}, or organization ${tenant} does not have access to it.`,
    param: 'file_id',
    line: null,
  }),
  modified: (fileId: string): LineError => ({
    code: 'input_modified',
    message: `The input file ${fileId} was changed after the batch was created. Create the batch again.`,
    param: 'file_id',
    line: null,
  }),
} as const;

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
