/** Reads a byte stream by lines and by counted runs, holding no more than what one read of it brought. */
export interface ByteReader {
  /** The next line without its CRLF; undefined when the stream ends first or the line is longer. */
  line(maxBytes: number): Promise<string | undefined>;
  /** At least one byte and at most `maxBytes`; undefined at the end of the stream. */
  bytes(maxBytes: number): Promise<Buffer | undefined>;
}

export function readBytes(source: AsyncIterator<Buffer>): ByteReader {
  let buffered: Buffer = Buffer.alloc(0);
  const fill = async (): Promise<boolean> => {
    const next = await source.next();
    if (next.done === true) return false;
    buffered = buffered.length === 0 ? next.value : Buffer.concat([buffered, next.value]);
    return true;
  };
  const take = (count: number): Buffer => {
    const taken = buffered.subarray(0, count);
    buffered = buffered.subarray(count);
    return taken;
  };
  return {
    line: async (maxBytes) => {
      for (;;) {
        const end = buffered.indexOf('\r\n');
        if (end > maxBytes || (end < 0 && buffered.length > maxBytes)) return undefined;
        if (end >= 0) return take(end + 2).toString('latin1', 0, end);
        if (!(await fill())) return undefined;
      }
    },
    bytes: async (maxBytes) => {
      while (buffered.length === 0) {
        if (!(await fill())) return undefined;
      }
      return take(Math.min(maxBytes, buffered.length));
    },
  };
}
