const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPENING: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const CLOSING: ReadonlySet<number> = new Set([0x7d, 0x5d]);

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The Request's body with another value of its own `model`; every other byte stays as it was submitted. Reads
 * JSON that intake has parsed before: a body without a `model` string is returned as it is.
 */
export function withModel(body: Uint8Array, model: string): Uint8Array {
  const replacement = Buffer.from(JSON.stringify(model));
  const pieces: Uint8Array[] = [];
  let copied = 0;
  for (const { start, end } of modelValues(body)) {
    pieces.push(body.subarray(copied, start), replacement);
    copied = end;
  }
  return copied === 0 ? body : Buffer.concat([...pieces, body.subarray(copied)]);
}

/** Every one of them: of equal keys, parsers differ in which they keep. */
function* modelValues(body: Uint8Array): Generator<Span> {
  let depth = 0;
  let key: unknown = null;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i] ?? 0;
    if (OPENING.has(byte)) depth++;
    else if (CLOSING.has(byte)) depth--;
    if (OPENING.has(byte) || byte === COMMA) key = null;
    if (byte !== QUOTE) continue;
    const end = stringEnd(body, i);
    if (depth === 1 && key === 'model') yield { start: i, end };
    key = depth === 1 && nextToken(body, end) === COLON ? stringAt(body, i, end) : null;
    i = end - 1;
  }
}

function stringEnd(body: Uint8Array, start: number): number {
  for (let i = start + 1; i < body.length; i++) {
    if (body[i] === BACKSLASH) i++;
    else if (body[i] === QUOTE) return i + 1;
  }
  return body.length;
}

function nextToken(body: Uint8Array, from: number): number | undefined {
  let i = from;
  while (i < body.length && (body[i] ?? 0) <= 0x20) i++;
  return body[i];
}

const stringAt = (body: Uint8Array, start: number, end: number): unknown =>
  JSON.parse(Buffer.from(body.subarray(start, end)).toString()) as unknown;
