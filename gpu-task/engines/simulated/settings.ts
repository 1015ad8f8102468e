import { z } from 'zod';

/** What the environment variable SIMULATED_ENGINE holds, as JSON. */
export const simulatedSettingsSchema = z.strictObject({
  model: z.string(),
  /** Further names that it answers under. @default - none */
  adapters: z.array(z.string()).optional(),
  tokensPerSecond: z.number().positive(),
  firstTokenMs: z.number().nonnegative(),
  /** As a real engine loads its weights: nothing listens before. */
  startMs: z.number().nonnegative(),
  maxRunning: z.number().int().positive(),
  /** Prompt and completion together; longer prompts are refused with 400. @default - no limit */
  contextTokens: z.number().int().positive().optional(),
  listen: z.union([
    z.strictObject({ socketPath: z.string() }),
    /** On 127.0.0.1; 0 takes a free one. */
    z.strictObject({ port: z.number().int().nonnegative() }),
  ]),
});
export type SimulatedSettings = z.infer<typeof simulatedSettingsSchema>;
