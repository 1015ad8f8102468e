/** Bitmaps over line indexes, base64, lowest bit first; missing bytes are zero. */

const decode = (bits: string): Uint8Array => Uint8Array.from(Buffer.from(bits, 'base64'));
const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** The bitmap with a bit set for each index. */
export function bitsOf(indexes: Iterable<number>, lines: number): string {
  const bytes = new Uint8Array(Math.ceil(lines / 8));
  for (const index of indexes) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
  return encode(bytes);
}

/** Tells for each index whether its bit is set. */
export function bitReader(bits: string): (index: number) => boolean {
  const bytes = decode(bits);
  return (index) => ((bytes[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
}

export function unionBits(a: string, b: string): string {
  const [left, right] = [decode(a), decode(b)];
  const union = new Uint8Array(Math.max(left.length, right.length));
  for (let i = 0; i < union.length; i++) union[i] = (left[i] ?? 0) | (right[i] ?? 0);
  return encode(union);
}

export function countBits(bits: string): number {
  let count = 0;
  for (const byte of decode(bits)) for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}
