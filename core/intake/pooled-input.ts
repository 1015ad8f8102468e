import type { JsonObject } from './check-line.ts';

/** Of a body that compares texts: what each of the others is read together with. */
const QUERIES = ['query', 'queries', 'text_1', 'data_1'] as const;
const TEXTS = ['input', 'documents', 'items', 'text_2', 'data_2', ...QUERIES] as const;

export interface PooledInput {
  /** That the engine reads, each with a context of its own. */
  readonly sequences: number;
  /** Bytes that one query adds because it is read again with every further text. */
  readonly repeatedBytes: number;
}

/** What an engine makes of a body that is answered from its input alone: a text, a list, or pairs of texts. */
export function pooledInput(body: JsonObject): PooledInput {
  const sequences = Math.max(1, ...TEXTS.map((name) => lengthOf(body[name])));
  const query = QUERIES.map((name) => body[name]).find((value) => typeof value === 'string') ?? '';
  return { sequences, repeatedBytes: (sequences - 1) * Buffer.byteLength(query as string) };
}

/** A list of numbers is one text, as tokens. */
const lengthOf = (value: unknown): number =>
  Array.isArray(value) && typeof value[0] !== 'number' ? value.length : 0;
