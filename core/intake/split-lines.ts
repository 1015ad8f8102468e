const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export interface InputLine {
  /** 1-based; blank lines count. */
  readonly line: number;
  /** Without its line end; null where the line is longer than the limit. It lies in a chunk of the source. */
  readonly bytes: Uint8Array | null;
}

/** Splits a byte stream at newlines, whatever its chunks; `\r\n` ends a line too, and the end of the stream. */
export async function* splitLines(
  source: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<InputLine> {
  const pending = pendingLine(maxLineBytes);
  let line = 0;
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      yield { line: ++line, bytes: pending.end(chunk.subarray(start, end)) };
      start = end + 1;
    }
    pending.add(chunk.subarray(start));
  }
  if (pending.sizeBytes() > 0) yield { line: line + 1, bytes: pending.end(new Uint8Array()) };
}

/** The part of a line that earlier chunks held. Past the limit it only counts. */
function pendingLine(maxLineBytes: number) {
  let parts: Uint8Array[] = [];
  let sizeBytes = 0;
  const add = (part: Uint8Array): void => {
    if (part.length === 0) return;
    sizeBytes += part.length;
    if (sizeBytes > maxLineBytes) parts = [];
    else parts.push(part);
  };
  return {
    add,
    sizeBytes: () => sizeBytes,
    end(part: Uint8Array): Uint8Array | null {
      add(part);
      const [only = new Uint8Array()] = parts;
      const bytes = parts.length > 1 ? Buffer.concat(parts) : only;
      const fits = sizeBytes <= maxLineBytes;
      parts = [];
      sizeBytes = 0;
      return fits ? withoutCarriageReturn(bytes) : null;
    },
  };
}

const withoutCarriageReturn = (bytes: Uint8Array): Uint8Array =>
  bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
