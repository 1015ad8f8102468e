import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { requestOf } from './input.ts';

const eventSchema = z.object({
  event: z.enum(['sent', 'answered']),
  atMs: z.number(),
  pid: z.number(),
  body: z.string(),
});

/** Something that happened to a Request in an engine, which its process tells. */
export interface EngineEvent {
  readonly event: 'sent' | 'answered';
  readonly atMs: number;
  readonly pid: number;
  readonly request: string;
}

/** What the engines have told until now; a line that a killed one did not finish is left out. */
export function engineEvents(file: string): readonly EngineEvent[] {
  if (!existsSync(file)) return [];
  const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return whole.flatMap((line) => {
    const { body, ...event } = eventSchema.parse(JSON.parse(line));
    return [{ ...event, request: requestOf(body) }];
  });
}
