import { z } from 'zod';

const jsonata = z.string().regex(/^\{%[\s\S]*%\}$/, 'must be a JSONata expression: "{% … %}"');
const positive = z.union([z.int().positive(), jsonata]);
const nonNegative = z.union([z.int().nonnegative(), jsonata]);
const assign = z.record(z.string(), z.unknown());

const common = {
  Comment: z.string().optional(),
  QueryLanguage: z.literal('JSONata').optional(),
  Output: z.unknown().optional(),
};
const transition = { Next: z.string().optional(), End: z.boolean().optional() };

const retrier = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.int().positive().default(1),
  MaxAttempts: z.int().nonnegative().default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().positive().optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
});
const catcher = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  Output: z.unknown().optional(),
  Assign: assign.optional(),
});
const recovery = { Retry: z.array(retrier).optional(), Catch: z.array(catcher).optional() };

const task = z.strictObject({
  ...common,
  ...transition,
  ...recovery,
  Type: z.literal('Task'),
  Resource: z.string(),
  Arguments: z.unknown().optional(),
  Assign: assign.optional(),
  TimeoutSeconds: positive.optional(),
  HeartbeatSeconds: positive.optional(),
});
const choice = z.strictObject({
  ...common,
  Type: z.literal('Choice'),
  Choices: z
    .array(
      z.strictObject({
        Comment: z.string().optional(),
        Condition: z.union([z.boolean(), jsonata]),
        Next: z.string(),
        Output: z.unknown().optional(),
        Assign: assign.optional(),
      }),
    )
    .min(1),
  Default: z.string().optional(),
  Assign: assign.optional(),
});
const wait = z.strictObject({
  ...common,
  ...transition,
  Type: z.literal('Wait'),
  Seconds: nonNegative.optional(),
  Timestamp: z.string().optional(),
  Assign: assign.optional(),
});
const pass = z.strictObject({
  ...common,
  ...transition,
  Type: z.literal('Pass'),
  Assign: assign.optional(),
});
const succeed = z.strictObject({ ...common, Type: z.literal('Succeed') });
const fail = z.strictObject({
  Comment: common.Comment,
  QueryLanguage: common.QueryLanguage,
  Type: z.literal('Fail'),
  Error: z.string().optional(),
  Cause: z.string().optional(),
});
const parallel = z.strictObject({
  ...common,
  ...transition,
  ...recovery,
  Type: z.literal('Parallel'),
  Branches: z.array(z.lazy((): z.ZodType<Branch> => branch)).min(1),
  Arguments: z.unknown().optional(),
  Assign: assign.optional(),
});
const map = z.strictObject({
  ...common,
  ...transition,
  ...recovery,
  Type: z.literal('Map'),
  Items: z.unknown().optional(),
  ItemSelector: z.unknown().optional(),
  ItemProcessor: z.lazy((): z.ZodType<Branch> => branch),
  MaxConcurrency: nonNegative.optional(),
  Assign: assign.optional(),
});

const state = z.discriminatedUnion('Type', [task, choice, wait, pass, succeed, fail, parallel, map]);
const branch = z.strictObject({
  Comment: z.string().optional(),
  QueryLanguage: z.literal('JSONata').optional(),
  ProcessorConfig: z.strictObject({ Mode: z.literal('INLINE') }).optional(),
  StartAt: z.string(),
  States: z.record(z.string().min(1).max(80), state),
});
export const stateMachine = branch.omit({ ProcessorConfig: true }).extend({
  Version: z.string().optional(),
  TimeoutSeconds: z.int().positive().optional(),
});

export type Retrier = z.infer<typeof retrier>;
export type Catcher = z.infer<typeof catcher>;
export type TaskState = z.infer<typeof task>;
export type ChoiceState = z.infer<typeof choice>;
export type WaitState = z.infer<typeof wait>;
export type PassState = z.infer<typeof pass>;
export type SucceedState = z.infer<typeof succeed>;
export type FailState = z.infer<typeof fail>;
export type StateMachine = z.infer<typeof stateMachine>;

/** A path of states with its own scope of variables: the machine itself, or what a Map or Parallel runs. */
export interface Branch {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}
interface Composite {
  readonly Comment?: string | undefined;
  readonly QueryLanguage?: 'JSONata' | undefined;
  readonly Output?: unknown;
  readonly Assign?: Record<string, unknown> | undefined;
  readonly Retry?: Retrier[] | undefined;
  readonly Catch?: Catcher[] | undefined;
  readonly Next?: string | undefined;
  readonly End?: boolean | undefined;
}
export interface ParallelState extends Composite {
  readonly Type: 'Parallel';
  readonly Branches: readonly Branch[];
  readonly Arguments?: unknown;
}
export interface MapState extends Composite {
  readonly Type: 'Map';
  readonly Items?: unknown;
  readonly ItemSelector?: unknown;
  readonly ItemProcessor: Branch;
  readonly MaxConcurrency?: number | string | undefined;
}
export type State =
  | TaskState
  | ChoiceState
  | WaitState
  | PassState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;
