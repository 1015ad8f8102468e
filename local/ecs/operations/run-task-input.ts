import { z } from 'zod';
import { RefusedCall } from '../../aws-json/refused-call.ts';
import { readInput } from './read-input.ts';

/** RunTask's limits, as the API reference of ECS gives them. */
const LARGEST_COUNT = 10;
const LARGEST_OVERRIDES_CHARACTERS = 8_192;

const overridesSchema = z.object({
  containerOverrides: z
    .array(
      z.object({
        name: z.string(),
        command: z.array(z.string()).optional(),
        environment: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
      }),
    )
    .default([]),
});

const inputSchema = z.object({
  cluster: z.string().optional(),
  taskDefinition: z.string(),
  count: z.number().int().min(1).max(LARGEST_COUNT).default(1),
  capacityProviderStrategy: z.array(z.object({ capacityProvider: z.string() })).default([]),
  launchType: z.string().optional(),
  clientToken: z
    .string()
    .max(64)
    .regex(/^[!-~]*$/, 'only characters 33 to 126')
    .optional(),
  startedBy: z
    .string()
    .max(128)
    .regex(/^[\w/-]*$/, 'only letters, digits, "-", "_" and "/"')
    .optional(),
  group: z.string().max(255).optional(),
  tags: z
    .array(z.object({ key: z.string().max(128), value: z.string().max(256).optional() }))
    .max(50)
    .default([]),
  overrides: overridesSchema.default({ containerOverrides: [] }),
});

export interface RunTaskInput extends z.infer<typeof inputSchema> {
  readonly capacityProvider: string;
}

/** Reads a RunTask call. Refuses what ECS refuses, and launch types, which the local stack has not. */
export function readRunTask(input: Readonly<Record<string, unknown>>): RunTaskInput {
  const call = readInput(inputSchema, input);
  const overridesCharacters = JSON.stringify(input['overrides'] ?? {}).length;
  if (overridesCharacters > LARGEST_OVERRIDES_CHARACTERS) {
    throw invalid(
      `overrides: ${overridesCharacters} characters, and at most ${LARGEST_OVERRIDES_CHARACTERS} are allowed.`,
    );
  }
  const [strategy, ...others] = call.capacityProviderStrategy;
  if (call.launchType !== undefined || strategy === undefined || others.length > 0) {
    throw invalid(
      'capacityProviderStrategy: name exactly one capacity provider, and no launchType: with a launch type ' +
        'ECS starts no instance, and over two providers it splits tasks, it does not fall back.',
    );
  }
  return { ...call, capacityProvider: strategy.capacityProvider };
}

export function invalid(message: string): RefusedCall {
  return new RefusedCall('InvalidParameterException', message);
}
