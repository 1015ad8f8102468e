import { z } from 'zod';
import type { FleetId } from '../ids.ts';
import { adapterSchema } from './adapter.ts';
import { ENDPOINTS } from './endpoints.ts';
import { secretArn } from './secret-arn.ts';

const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'lower case letters, digits and hyphens, at most 40');
/** As it stands in a URL: vLLM compares whole names, and knows no wildcards. */
const hostName = z
  .string()
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'a host name in lower case, without scheme, port or wildcard');
const positive = z.number().positive();
const wholeMs = z.number().int().positive();

/** The simulated engine's model of time: deterministic, scaled by `tokensPerSecond` over all running requests. */
const simulatedEngine = z.strictObject({
  kind: z.literal('simulated'),
  tokensPerSecond: positive,
  firstTokenMs: z.number().nonnegative(),
  startMs: z.number().nonnegative(),
  maxRunning: z.number().int().positive(),
});

/** Any server that speaks the OpenAI HTTP surface; it is there already, and stays when the Task ends. */
const openAiCompatibleEngine = z.strictObject({
  kind: z.literal('openai-compatible'),
  /** Up to and including the version, as the openai SDK takes it: `http://127.0.0.1:8000/v1`. */
  baseUrl: z.url(),
  /** The name that the server knows the model by. @default - the Fleet's model, or else the server's only one */
  model: z.string().optional(),
});

const commit = z.string().regex(/^[0-9a-f]{40}$/, 'a commit of the hub: 40 hex digits');

/** vLLM, which the agent starts in its own container and reaches over a unix socket. */
const vllmFields = z.strictObject({
  kind: z.literal('vllm'),
  /** What `serve` and its arguments are given to. */
  command: z.tuple([z.string().min(1)], z.string()).default(['vllm']),
  /** A folder or a name on the Hugging Face hub. */
  model: z.string().min(1),
  /** Of the model on the hub. @default - what its main branch stands at when vLLM starts */
  revision: commit.optional(),
  /** Where vLLM reads the weights: on the hub, or in the model bucket, where models:pull put them. @default 'hub' */
  weights: z.enum(['hub', 'bucket']).optional(),
  /** Flags of `vllm serve`. The agent adds its own: socket, served name, access log, media domains, adapters. */
  args: z.array(z.string()),
  /** Plain text to everyone who may see the task definition. */
  env: z.record(z.string(), z.string()).optional(),
  /** More of its environment: ARNs, whose values ECS reads when it starts a Task. Those of AWS's own are the agent's. */
  secrets: z.record(z.string().regex(/^(?!AWS_|ECS_)[A-Z][A-Z0-9_]*$/), secretArn).optional(),
  /** Hosts that vLLM may fetch images, audio and video from; `data:` URLs need none. @default - none */
  mediaDomains: z.array(hostName).optional(),
  startTimeoutMs: wholeMs,
});
const vllmEngine = vllmFields.refine(
  (engine) => engine.weights !== 'bucket' || engine.revision !== undefined,
  {
    path: ['revision'],
    message: "weights 'bucket' need the commit that models:pull pulled: 40 hex digits",
  },
);
export type VllmEngineConfig = z.infer<typeof vllmEngine>;

export const engineSchema = z.discriminatedUnion('kind', [
  simulatedEngine,
  openAiCompatibleEngine,
  vllmEngine,
]);
export type EngineConfig = z.infer<typeof engineSchema>;

/** A cluster is described in one call, which shows a hundred. */
const instances = z.number().int().nonnegative().max(50);
export const maxInstancesSchema = z.strictObject({ spot: instances, onDemand: instances });

export const gpuClassSchema = z.strictObject({
  id: slug,
  /** Interchangeable: equal VRAM and GPU count. */
  instanceTypes: z.array(z.string()).nonempty(),
  gpusPerInstance: z.number().int().positive(),
  /** Instances at most, by purchase option; 0 where there is no quota. */
  maxInstances: maxInstancesSchema,
  usdPerHour: z.strictObject({ spot: positive, onDemand: positive }),
});
export type GpuClass = z.infer<typeof gpuClassSchema>;

/** What users would pay, or are charged, for a model's tokens; the GPUs' own cost stands in the GPU class. */
const pricesSchema = z.strictObject({
  inputUsdPerMillionTokens: z.number().nonnegative(),
  outputUsdPerMillionTokens: z.number().nonnegative(),
});

/** What was measured of a Task on its GPU class, and on what. */
const measuredSchema = z.strictObject({
  tokensPerSecond: positive,
  startMs: wholeMs,
  on: z.strictObject({
    gpu: z.string().min(1),
    vllm: z.string().min(1),
    date: z.iso.date(),
    /** The command that measured it. */
    bench: z.string().min(1),
  }),
});

export const fleetSchema = z.strictObject({
  id: slug.transform((id) => id as FleetId),
  /** As users name it in `body.model`. */
  model: z.string().min(1),
  endpoints: z.array(z.enum(ENDPOINTS)).nonempty(),
  /** Further models on the same engines. */
  adapters: z.array(adapterSchema).default([]),
  prices: pricesSchema.optional(),
  gpuClass: slug,
  gpusPerTask: z.number().int().positive(),
  engine: engineSchema,
  contextTokens: z.number().int().positive(),
  /** Prior until measured: tokens (in and out) a second that one Task finishes. */
  tokensPerSecond: positive,
  /** Prior: from RunTask to the first token. */
  startMs: wholeMs,
  /** Takes the place of the two priors. */
  measured: measuredSchema.optional(),
  /** Tasks at most; the sum over the Fleets of a class must fit the class. */
  maxTasks: z.strictObject({
    spot: z.number().int().nonnegative(),
    onDemand: z.number().int().nonnegative(),
  }),
  /** The spot Tasks are chosen to drain the open work within this time, if there are as many. */
  targetDrainMs: wholeMs,
  shard: z.strictObject({ targetMs: wholeMs, maxLines: z.number().int().positive().max(8192) }),
  leaseMs: wholeMs,
  dispatchMinAgeMs: wholeMs,
  checkpoint: z.strictObject({
    everyMs: wholeMs,
    maxBytes: positive,
    maxResults: z.number().int().positive(),
  }),
  /** Requests in flight at most, per Task. */
  concurrency: z.number().int().positive(),
  /** `timeoutMs`: of one try, and of how long a line waits for a server that takes nothing, which spends no try. */
  request: z.strictObject({ timeoutMs: wholeMs, maxTries: z.number().int().positive() }),
  idleExitMs: wholeMs,
  maxLifeMs: wholeMs,
});
export type Fleet = z.infer<typeof fleetSchema>;

/** Everything that functions and Tasks need to know of models and GPUs; written into every bundle at synth. */
export const catalogueSchema = z.strictObject({
  fleets: z.array(fleetSchema).nonempty(),
  gpuClasses: z.array(gpuClassSchema).nonempty(),
});
export type Catalogue = z.infer<typeof catalogueSchema>;
