import { compileLeaf } from './leaf.ts';

export type PatternTest = (event: unknown) => boolean;

/**
 * Compiles an event pattern of EventBridge. Every field must match, a list matches by any of its entries, and
 * a field that is a list in the event by any of its elements. Throws, naming the field, on what it has not.
 */
export function compilePattern(pattern: unknown, where = 'EventPattern'): PatternTest {
  if (!isObject(pattern))
    throw new Error(`${where}: a pattern is an object, not ${JSON.stringify(pattern)}.`);
  const tests = Object.entries(pattern).map(([key, wanted]) =>
    key === '$or' ? compileOr(wanted, `${where}.$or`) : compileField(key, wanted, `${where}.${key}`),
  );
  if (tests.length === 0) throw new Error(`${where}: an empty pattern matches nothing on AWS.`);
  return (event) => tests.every((test) => test(event));
}

function compileOr(alternatives: unknown, where: string): PatternTest {
  if (!Array.isArray(alternatives) || alternatives.length < 2) {
    throw new Error(`${where}: takes a list of at least two patterns.`);
  }
  const tests = alternatives.map((one, index) => compilePattern(one, `${where}[${index}]`));
  return (event) => tests.some((test) => test(event));
}

function compileField(key: string, wanted: unknown, where: string): PatternTest {
  if (Array.isArray(wanted)) {
    if (wanted.length === 0) throw new Error(`${where}: an empty list matches nothing.`);
    const tests = wanted.map((entry) => compileLeaf(entry, where));
    const matches = (value: unknown) => tests.some((test) => test(value));
    return (event) => elements(fieldOf(event, key)).some(matches);
  }
  const nested = compilePattern(wanted, where);
  return (event) => elements(fieldOf(event, key)).some(nested);
}

function fieldOf(event: unknown, key: string): unknown {
  return isObject(event) && Object.hasOwn(event, key) ? event[key] : undefined;
}

/** An empty list counts as an absent field, as on AWS. */
function elements(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return [value];
  return value.length === 0 ? [undefined] : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
