import { z } from 'zod';

const anyRecord = z.record(z.string(), z.unknown());

/** The sections of a CloudFormation template that decide what a resource is. */
export const templateSchema = z.object({
  Parameters: z
    .record(z.string(), z.object({ Type: z.string(), Default: z.unknown().optional() }))
    .default({}),
  Mappings: z.record(z.string(), z.record(z.string(), anyRecord)).default({}),
  Conditions: anyRecord.default({}),
  Resources: z
    .record(
      z.string(),
      z.object({ Type: z.string(), Condition: z.string().optional(), Properties: anyRecord.default({}) }),
    )
    .default({}),
  Outputs: z
    .record(
      z.string(),
      z.object({
        Value: z.unknown(),
        Condition: z.string().optional(),
        Export: z.object({ Name: z.unknown() }).optional(),
      }),
    )
    .default({}),
});

export type Template = z.infer<typeof templateSchema>;
