import { z } from 'zod';
import { maxInstancesSchema } from '../core/fleet/catalogue.ts';
import { namesRegistry } from '../core/image-reference.ts';
import { retentionSchema } from '../core/retention/retention.ts';

const seconds = z.number().int().positive();

/** The descriptions stand in docs/configuration.md, beside what our profiles say. Prices are of us-east-1. */
export const profileSchema = z.strictObject({
  stackName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]*$/)
    .describe('Name of the stack, and the beginning of the names of its two state machines.'),
  models: z.array(z.string()).nonempty().describe('Files of `config/models`, without `.json`.'),
  fleet: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Replaces fields of every Fleet: fewer Tasks, or the engine of a profile without GPUs.'),
  maxInstances: z
    .record(z.string(), maxInstancesSchema)
    .default({})
    .describe(
      "This stack's part of the quotas of an account that it shares with others, by GPU class: at most what `config/gpu-classes.json` has, which is all of it.",
    ),
  agentImage: z
    .string()
    .refine(namesRegistry, {
      error: ({ input }) =>
        `${input} names no registry: instances would ask Docker Hub for it. Run npm run image:push and take what it prints.`,
    })
    .nullable()
    .default(null)
    .describe(
      'The image of the GPU task, by registry and tag or digest. `null`: none yet; Tasks do not start until `image:push` has run and this names what it prints.',
    ),
  lifecycleRoundsSeconds: z
    .tuple([seconds, seconds, seconds])
    .describe(
      'Rounds in which a lifecycle waits: long, medium, short. The short one is how late an expiry may be.',
    ),
  loopWaitsSeconds: z
    .tuple([seconds, seconds, seconds])
    .describe('Waits of the scheduler loop: long, medium, short.'),
  recorderWindowSeconds: z
    .number()
    .int()
    .nonnegative()
    .describe('How long the recorder gathers reports; 0 takes them as they come.'),
  sweepEveryMinutes: z.number().int().positive().describe('How often the sweeper looks for what has died.'),
  logRetentionDays: z.number().int().positive().describe('How long logs are kept.'),
  retention: retentionSchema.describe('How long Files, Batches and backups are kept.'),
  alarmEmail: z.email().nullable().describe('Where the alarms go; `null`: they only stand in the console.'),
  onDemandAlarmUsdPerHour: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe(
      'An alarm tells when the on-demand Tasks of all Fleets cost more within an hour. `null`: half of what all on-demand instances together cost.',
    ),
  monthlyBudgetUsd: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe(
      'A budget of AWS over what bears the tag `application=<stackName>`: mail to `alarmEmail` at 80 and 100 % and when 100 % is to be expected. `null`: none. A budget costs nothing.',
    ),
  zones: z
    .number()
    .int()
    .min(2)
    .max(6)
    .describe(
      'Availability zones to look for GPUs in, the first of the region by name. Each has its own spot pools: take as many as the region has (`aws ec2 describe-availability-zones`; six in us-east-1, three in most, two in a few). With more than it has the deployment fails.',
    ),
  keepData: z
    .boolean()
    .describe(
      'Table, buckets and registry outlive the stack; the table can be restored as of any moment of the last `backupDays`.',
    ),
  terminationProtection: z
    .boolean()
    .default(false)
    .describe('CloudFormation refuses to delete the stack until this is taken away.'),
  throttle: z
    .strictObject({ requestsPerSecond: z.number().positive(), burst: z.number().int().positive() })
    .default({ requestsPerSecond: 100, burst: 200 })
    .describe('What the API takes from all callers together; what is above it gets 429.'),
  encryption: z
    .strictObject({
      /** Costs $1 a month and $0.03 for 10,000 calls of KMS; bucket keys make those few. */
      cmk: z.boolean(),
    })
    .default({ cmk: false })
    .describe(
      '`cmk`: buckets, table, queues, logs and topic are encrypted with one key of your own, which you can audit and take away, for $1 a month and $0.03 for 10,000 calls of KMS. Without it with keys of AWS’s own.',
    ),
  waf: z
    .strictObject({ requestsPerFiveMinutes: z.number().int().min(10) })
    .nullable()
    .default(null)
    .describe(
      'A web ACL before the API with a limit for each address: $5 a month, $1 for each of its 3 rules, and $0.60 for a million requests. `null`: none.',
    ),
  privateNetwork: z
    .boolean()
    .default(false)
    .describe(
      'GPU instances without public addresses and without a way to the internet, behind 7 interface endpoints at $7.30 a month in each zone (3 zones: $153) and $0.01 a GB. Weights must come from the bucket and the image from a private registry of ECR.',
    ),
  flowLogs: z
    .boolean()
    .default(false)
    .describe('Who spoke with the GPU instances, as VPC flow logs: $0.50 a GB of logs.'),
  tracing: z
    .boolean()
    .default(false)
    .describe(
      'X-Ray traces of the API, the functions and the state machines: $5 a million. X-Ray takes one call a second and a twentieth of those above it.',
    ),
});
export type Profile = z.infer<typeof profileSchema>;
