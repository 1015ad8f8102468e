import { createHash, randomUUID } from 'node:crypto';
import jsonata from 'jsonata';
import type { Clock } from '../clock.ts';

/** The same ceiling as JSONata's own range operator. */
const LONGEST_RANGE = 10_000_000;

const HASHES = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

const formatMillis = jsonata('$fromMillis($millis, $picture, $timezone)');

/**
 * What Step Functions adds to JSONata, or changes: $partition, $range, $hash, $random with a seed, $uuid,
 * $parse; no $eval. $now and $millis follow the clock given.
 */
export function stepFunctionsFunctions(
  clock: Clock,
  random: () => number,
): Readonly<Record<string, unknown>> {
  return {
    partition,
    range,
    hash,
    random: (seed?: unknown) => (typeof seed === 'number' ? seededRandom(seed) : random()),
    uuid: () => randomUUID(),
    parse: (text: unknown) => (text === undefined ? undefined : JSON.parse(String(text))),
    eval: undefined,
    millis: () => clock.nowMs(),
    now: (picture?: string, timezone?: string) =>
      formatMillis.evaluate(undefined, { millis: clock.nowMs(), picture, timezone }),
  };
}

function partition(values: unknown, size: unknown): unknown[][] {
  if (!Array.isArray(values)) throw new Error('$partition: the first argument must be an array.');
  if (!Number.isInteger(size) || (size as number) < 1)
    throw new Error('$partition: the second argument must be a positive integer.');
  const length = size as number;
  return Array.from({ length: Math.ceil(values.length / length) }, (_, index) =>
    values.slice(index * length, (index + 1) * length),
  );
}

function range(first: unknown, last: unknown, step: unknown): number[] {
  if (![first, last, step].every((each) => typeof each === 'number'))
    throw new Error('$range: start, end and step must be numbers.');
  const [start, end, delta] = [first, last, step] as [number, number, number];
  if (delta === 0) throw new Error('$range: the step must not be 0.');
  const count = Math.max(0, Math.floor((end - start) / delta) + 1);
  if (count > LONGEST_RANGE) throw new Error(`$range: more than ${LONGEST_RANGE} values.`);
  return Array.from({ length: count }, (_, index) => start + index * delta);
}

function hash(data: unknown, algorithm: unknown): string {
  const known = HASHES.get(String(algorithm));
  if (known === undefined)
    throw new Error(`$hash: the algorithm must be one of ${[...HASHES.keys()].join(', ')}.`);
  return createHash(known)
    .update(typeof data === 'string' ? data : JSON.stringify(data))
    .digest('hex');
}

/** AWS documents that an equal seed gives an equal number, not which: 53 bits of a hash serve. */
function seededRandom(seed: number): number {
  const digest = createHash('sha256').update(String(seed)).digest();
  return Number(digest.readBigUInt64BE() >> 11n) / 2 ** 53;
}
