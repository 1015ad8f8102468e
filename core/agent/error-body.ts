import { parseJson } from './verdict.ts';

/** Longer texts (an HTML page, a stack trace) say nothing more to the user. */
const MAX_MESSAGE_CHARS = 2000;

/** The body of an error line: the engine's own where it is JSON, else its text in the OpenAI error shape. */
export function errorBody(body: Uint8Array): Uint8Array {
  if (parseJson(body) !== undefined) return body;
  const text = new TextDecoder().decode(body).trim().slice(0, MAX_MESSAGE_CHARS);
  const message = text === '' ? 'The engine refused the request without saying why.' : text;
  return Buffer.from(
    JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null } }),
  );
}
