const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * Where the value of a top-level member stands in a JSON object that `JSON.parse` has accepted: of two members of
 * one name the last, as there. So a body reaches the engine byte for byte, with its number formats and key order.
 */
export function memberSpan(json: Uint8Array, name: string): Span | null {
  let found: Span | null = null;
  let at = skipSpace(json, skipSpace(json, 0) + 1);
  while (json[at] === QUOTE) {
    const keyEnd = stringEnd(json, at);
    const start = skipSpace(json, skipSpace(json, keyEnd) + 1);
    const end = valueEnd(json, start);
    if (keyOf(json, { start: at, end: keyEnd }) === name) found = { start, end };
    at = skipSpace(json, end);
    if (json[at] === COMMA) at = skipSpace(json, at + 1);
  }
  return found;
}

/** A key may be written with escapes. */
const keyOf = (json: Uint8Array, { start, end }: Span): unknown =>
  JSON.parse(Buffer.from(json.subarray(start, end)).toString());

const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;

function skipSpace(json: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(json[at])) at++;
  return at;
}

/** The position behind the string that begins at `start`. A quote behind an odd run of backslashes is escaped. */
export function stringEnd(json: Uint8Array, start: number): number {
  for (let quote = json.indexOf(QUOTE, start + 1); quote !== -1; quote = json.indexOf(QUOTE, quote + 1)) {
    let backslashes = 0;
    while (json[quote - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  throw new Error('The JSON text ends within a string.');
}

function valueEnd(json: Uint8Array, start: number): number {
  const first = json[start];
  if (first === QUOTE) return stringEnd(json, start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return nestedEnd(json, start);
  let at = start;
  while (at < json.length && !isSpace(json[at]) && json[at] !== COMMA && json[at] !== CLOSE_BRACE) at++;
  return at;
}

function nestedEnd(json: Uint8Array, start: number): number {
  let depth = 0;
  for (let at = start; at < json.length; ) {
    const byte = json[at];
    if (byte === QUOTE) {
      at = stringEnd(json, at);
      continue;
    }
    at++;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
    if (depth === 0) return at;
  }
  throw new Error('The JSON text ends within a value.');
}
