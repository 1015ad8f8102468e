import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** What the engine does wrong with a Request. */
const faultSchema = z.strictObject({
  /** Applies to bodies that contain this text. @default - to every body */
  when: z.string().default(''),
  does: z.discriminatedUnion('kind', [
    /** The process ends at once, as a crashed engine does. */
    z.strictObject({ kind: z.literal('die') }),
    /** Never answers. */
    z.strictObject({ kind: z.literal('stall') }),
    /** Answers an error status. */
    z.strictObject({
      kind: z.literal('status'),
      status: z.number().int(),
      retryAfterSeconds: z.number().optional(),
    }),
    /** Answers 200 with this `finish_reason` and a part of the text. */
    z.strictObject({ kind: z.literal('finish'), reason: z.string().nullable() }),
  ]),
  /** How often, over all starts of the engine. @default - always */
  times: z.number().int().positive().optional(),
});
type FaultRule = z.infer<typeof faultSchema>;
export type Fault = FaultRule['does'];

/**
 * Faults from a JSON file with an array of rules; the first that applies is it. It is read for each Request, so
 * that a test can change it. Uses are noted in `<file>.used`, because a fault may end the process that counts.
 */
export function faultsFrom(file: string | undefined): (body: string) => Fault | null {
  if (file === undefined) return () => null;
  const usedFile = `${file}.used`;
  return (body) => {
    const rules = existsSync(file) ? z.array(faultSchema).parse(JSON.parse(readFileSync(file, 'utf8'))) : [];
    const used = existsSync(usedFile) ? readFileSync(usedFile, 'utf8').split('\n') : [];
    const usesOf = (i: number): number => used.filter((line) => line === String(i)).length;
    const i = rules.findIndex(
      ({ when, times }, n) => body.includes(when) && (times === undefined || usesOf(n) < times),
    );
    const rule = rules[i];
    if (rule?.times !== undefined) appendFileSync(usedFile, `${i}\n`);
    return rule?.does ?? null;
  };
}
