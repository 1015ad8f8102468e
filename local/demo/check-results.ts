import { z } from 'zod';

export interface ResultFiles {
  readonly input: string;
  readonly output: string;
  readonly errors: string;
}

const lineSchema = z.object({ custom_id: z.string() });

/** What is wrong with the files; empty where input ids = output ids ∪ error ids, each exactly once. */
export function checkResults({ input, output, errors }: ResultFiles): readonly string[] {
  const wanted = new Set(idsIn(input));
  const seen = new Set<string>();
  const wrong: string[] = [];
  for (const id of [...idsIn(output), ...idsIn(errors)]) {
    if (seen.has(id)) wrong.push(`${id} has more than one result`);
    if (!wanted.has(id)) wrong.push(`${id} has a result, but is not in the input`);
    seen.add(id);
  }
  return [
    ...wrong,
    ...[...wanted].filter((id) => !seen.has(id)).map((id) => `${id} has neither a result nor an error`),
  ];
}

export const linesIn = (jsonl: string): readonly string[] => jsonl.split('\n').filter((line) => line !== '');

const idsIn = (jsonl: string): readonly string[] =>
  linesIn(jsonl).map((line) => lineSchema.parse(JSON.parse(line)).custom_id);

/** Bodies in an engine log that are there more than once: Requests that an engine was sent again. */
export function sentAgain(engineLog: string): number {
  const bodies = linesIn(engineLog);
  return bodies.length - new Set(bodies).size;
}
