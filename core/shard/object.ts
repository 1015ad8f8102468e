/** One Request as a Shard object holds it. */
export interface ShardLine {
  /** 1-based line number in the input file. */
  readonly line: number;
  readonly customId: string;
  /** The request body, byte for byte as it was submitted. */
  readonly body: Uint8Array;
}

const TAB = 0x09;
const NEWLINE = 0x0a;

/**
 * A line of a Shard object: line number, `custom_id` as JSON, body, with tabs between. JSON escapes tabs and
 * newlines inside strings, and the input is one Request a line, so the first two tabs and the newline are ours.
 */
export function encodeShardLine(request: ShardLine): Uint8Array {
  const head = Buffer.from(`${request.line}\t${JSON.stringify(request.customId)}\t`);
  return Buffer.concat([head, request.body, Buffer.from('\n')]);
}

/** The Requests of a Shard object, by index. */
export function decodeShard({ buffer, byteOffset, byteLength }: Uint8Array): readonly ShardLine[] {
  const object = Buffer.from(buffer, byteOffset, byteLength);
  const lines: ShardLine[] = [];
  for (let start = 0; start < object.length; ) {
    const end = object.indexOf(NEWLINE, start);
    if (end === -1) throw new Error(`The Shard object ends within line index ${lines.length}.`);
    lines.push(decodeShardLine(object.subarray(start, end)));
    start = end + 1;
  }
  return lines;
}

function decodeShardLine(bytes: Buffer): ShardLine {
  const first = bytes.indexOf(TAB);
  const second = bytes.indexOf(TAB, first + 1);
  return {
    line: Number(bytes.toString('latin1', 0, first)),
    customId: JSON.parse(bytes.toString('utf8', first + 1, second)) as string,
    body: bytes.subarray(second + 1),
  };
}
