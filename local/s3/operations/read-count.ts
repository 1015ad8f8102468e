import type { S3Call } from '../call.ts';
import { S3Error } from '../errors.ts';

/** S3 returns at most this many entries of a list at once, however many are asked for. */
const MAX_ENTRIES = 1000;

const MAX_INT32 = 2_147_483_647;

/** Reads a page size: 1000 where none is given; throws InvalidArgument. */
export function readCount(call: S3Call, name: string): number {
  return Math.min(readInteger(call, name) ?? MAX_ENTRIES, MAX_ENTRIES);
}

/** Reads a parameter that counts; throws InvalidArgument for anything but 0 to 2147483647. */
export function readInteger(call: S3Call, name: string): number | undefined {
  const text = call.parameter(name);
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,10}$/.test(text) && Number(text) <= MAX_INT32) return Number(text);
  throw new S3Error('InvalidArgument', `Argument ${name} must be an integer between 0 and ${MAX_INT32}`, {
    ArgumentName: name,
    ArgumentValue: text,
  });
}
