import { METRICS, type MetricDimensions } from '../../core/metrics.ts';
import type { CallerCounts, Counts, RunCounts } from './counts.ts';
import { billedSeconds } from './lambda-time.ts';
import { type Cost, DAYS_PER_MONTH, type Prices } from './prices.ts';
import { plansPerDay, segmentsPerTaskHour, taskHoursOf, type WorkloadFleet } from './rates.ts';
import { functionsOf, isTraced, type Resource, schedulesOf } from './template.ts';
import { OPEN_BATCHES, POLLS_PER_DAY, WHOLE_FILE_STEPS, WORKLOAD } from './workload.ts';

const GB = 1e9;
const SECONDS_PER_DAY = 86_400;
const MINUTES_PER_DAY = 1440;
/** Upload, complete, create, and the two downloads. */
const API_CALLS_PER_BATCH = 5;
/** A line of API Gateway's access log in its JSON. */
const ACCESS_LOG_BYTES = 400;
/** A Task that has room asks its queue every 20 s. */
const HINT_POLLS_PER_TASK_MINUTE = 3;
/** Five readers of each of two queues, every 20 s, whatever comes. */
const QUEUE_POLLS_PER_DAY = 2 * 5 * 3 * MINUTES_PER_DAY;
/** Values of each dimension of a metric, where the Fleets share one GPU class. */
const VALUES_OF = { fleet: WORKLOAD.fleets, capacity: 2, gpuClass: 1 } as const;
const BY_QUEUE_OR_CLOCK = ['recorder', 'signals', 'sweeper', 'instance-keeper'];
/** Whose calls go by the number of Segments, and which of them. */
const OF_SEGMENTS: Readonly<Record<string, readonly (keyof CallerCounts)[]>> = {
  'gpu-task': ['s3Puts', 'sqsRequests'],
  'lifecycle-close': ['s3Gets'],
  'lifecycle-finalize': ['s3Gets'],
};
/** Whose calls go by the number of plans. */
const OF_PLANS = ['scheduler-plan', 'scheduler-act', 'scheduler-wait'];
const LOOP = 'fleet-scheduler';

export interface BusyFacts {
  readonly resources: readonly Resource[];
  readonly counts: Counts;
  readonly prices: Prices;
  readonly fleet: WorkloadFleet;
  /** The loop's longest wait. */
  readonly loopWaitSeconds: number;
}

interface Caller {
  readonly name: string;
  readonly counts: CallerCounts;
  readonly memoryMiB: number;
}

/** USD a day of the control plane under the workload. */
export function busyCosts(facts: BusyFacts): readonly Cost[] {
  const callers = callersOfDay(facts);
  const { prices } = facts;
  const of = (field: keyof CallerCounts): number =>
    callers.reduce((sum, { counts }) => sum + counts[field], 0);
  const cost = (what: string, count: number, price: number): Cost => ({
    what,
    how: `${millions(count)} million`,
    usd: count * price,
  });
  return [
    cost('API Gateway, requests', apiCalls(), prices.apiGatewayRequest),
    cost('Lambda, invocations', of('invocations'), prices.lambdaRequest),
    compute(callers, prices),
    cost('DynamoDB, read units', of('readUnits'), prices.dynamoDbReadUnit),
    cost('DynamoDB, write units', of('writeUnits'), prices.dynamoDbWriteUnit),
    cost('S3, PUT and LIST', of('s3Puts'), prices.s3Put),
    cost('S3, GET and HEAD', of('s3Gets'), prices.s3Get),
    cost('SQS, requests', of('sqsRequests') + consumed(callers) + polls(facts), prices.sqsRequest),
    cost('Step Functions, transitions', transitions(facts), prices.stepFunctionsTransition),
    cost('EventBridge, events', of('events'), prices.eventBridgeCustomEvent),
    logs(facts, of('logBytes')),
    metrics(facts),
    cost('X-Ray, traces', isTraced(facts.resources) ? traces(callers) : 0, prices.xrayTrace),
  ].filter(({ usd }) => usd > 0);
}

const millions = (count: number): string => (count / 1e6).toFixed(3);
const apiCalls = (): number => POLLS_PER_DAY + WORKLOAD.batchesPerDay * API_CALLS_PER_BATCH;

/** The counts of each function, and of the Tasks, brought to a day. */
function callersOfDay(facts: BusyFacts): readonly Caller[] {
  const { resources, counts, fleet } = facts;
  const segments = taskHoursOf(fleet) * segmentsPerTaskHour(fleet);
  const memory = new Map(functionsOf(resources).map(({ name, memoryMiB }) => [name, memoryMiB]));
  const schedules = new Map(schedulesOf(resources).map(({ name, perMinute }) => [name, perMinute]));
  return Object.keys(counts.calls.callers).flatMap((name) => {
    const run = WHOLE_FILE_STEPS.includes(name) ? counts.bytes : counts.calls;
    const counted = run.callers[name];
    if (counted === undefined) return [];
    // Time that is shortened has not as many Segments for its Tasks as real time.
    const bySegment = segments / (run.callers['gpu-task']?.s3Puts ?? 1);
    const perMinute = schedules.get(name);
    const all = times(name, { run, counted, perMinute, bySegment, byPlan: plansOf(facts) });
    return [{ name, counts: scaled(name, counted, { all, bySegment }), memoryMiB: memory.get(name) ?? 0 }];
  });
}

interface Source {
  readonly run: RunCounts;
  readonly counted: CallerCounts;
  /** Of a clock that calls it. */
  readonly perMinute: number | undefined;
  /** Segments of a day, by PUT of the run's Tasks. */
  readonly bySegment: number;
  /** Plans of a day, by plan of the run. */
  readonly byPlan: number;
}

function transitions(facts: BusyFacts): number {
  const machines = Object.entries(facts.counts.calls.transitions);
  const times = (machine: string) => (machine.endsWith(LOOP) ? plansOf(facts) : WORKLOAD.batchesPerDay);
  return machines.reduce((sum, [machine, entered]) => sum + entered * times(machine), 0);
}

/** Plans of a day by plan of the run. */
function plansOf({ counts, fleet, loopWaitSeconds: waitSeconds }: BusyFacts): number {
  const { callers } = counts.calls;
  const signals = (callers['signals']?.invocations ?? 0) * WORKLOAD.batchesPerDay;
  return plansPerDay({ fleet, waitSeconds, signals }) / (callers['scheduler-plan']?.invocations ?? 1);
}

/** How often a day repeats what the run counted, which was one Batch. */
function times(name: string, { run, counted, perMinute, bySegment, byPlan }: Source): number {
  if (perMinute !== undefined) return (perMinute * MINUTES_PER_DAY) / counted.invocations;
  // The run's one creation counts as a poll.
  if (name === 'batches-api') return (POLLS_PER_DAY + WORKLOAD.batchesPerDay) / (run.polls + 1);
  // A key's answer is kept for a minute.
  if (name === 'authorizer') {
    return Math.min(MINUTES_PER_DAY * WORKLOAD.keys, POLLS_PER_DAY) / counted.invocations;
  }
  if (name === 'recorder') return bySegment;
  if (OF_PLANS.includes(name)) return byPlan;
  return WORKLOAD.batchesPerDay;
}

/** A plan reads every open Batch of its Fleet, and a sweep every open one; the run had one. */
function scaled(
  name: string,
  counted: CallerCounts,
  times: { readonly all: number; readonly bySegment: number },
): CallerCounts {
  const { queryUnits } = counted;
  const open =
    name === 'scheduler-plan' ? OPEN_BATCHES / WORKLOAD.fleets : name === 'sweeper' ? OPEN_BATCHES : 1;
  const readUnits = counted.readUnits + (open - 1) * (name === 'sweeper' ? counted.readUnits : queryUnits);
  const fields = Object.entries({ ...counted, readUnits }) as [keyof CallerCounts, number][];
  return Object.fromEntries(
    fields.map(([field, count]) => [
      field,
      count * (OF_SEGMENTS[name]?.includes(field) ? times.bySegment : times.all),
    ]),
  ) as CallerCounts;
}

function compute(callers: readonly Caller[], { lambdaGbSecondArm }: Prices): Cost {
  const gbSeconds = callers.reduce(
    (sum, { counts, memoryMiB }) =>
      memoryMiB === 0 ? sum : sum + billedSeconds(counts, memoryMiB) * (memoryMiB / 1024),
    0,
  );
  return { what: 'Lambda, GB-seconds', how: `${Math.round(gbSeconds)}`, usd: gbSeconds * lambdaGbSecondArm };
}

/** Each call of a consumer took one receive and one delete. */
const consumed = (callers: readonly Caller[]): number =>
  callers
    .filter(({ name }) => ['recorder', 'signals'].includes(name))
    .reduce((sum, { counts }) => sum + 2 * counts.invocations, 0);

const polls = ({ fleet }: BusyFacts): number =>
  QUEUE_POLLS_PER_DAY + taskHoursOf(fleet) * 60 * HINT_POLLS_PER_TASK_MINUTE;

/** Lambda writes no lines of its own of a call that goes well (lib/slackline-function.ts). */
function logs({ counts, prices, fleet }: BusyFacts, counted: number): Cost {
  const bytes =
    counted + apiCalls() * ACCESS_LOG_BYTES + taskHoursOf(fleet) * 60 * counts.calls.metricsLineBytes;
  return {
    what: 'CloudWatch, logs',
    how: `${(bytes / GB).toFixed(2)} GB`,
    usd: (bytes / GB) * (prices.logsIngestedGb + prices.logsStoredGbMonth),
  };
}

/** CloudWatch charges a name with values of its dimensions; here as if each were told every hour. */
function metrics({ prices }: BusyFacts): Cost {
  const sets = Object.values(METRICS).flatMap(
    ({ keptBy }): readonly (readonly (keyof MetricDimensions)[])[] => keptBy,
  );
  const count = sets.reduce(
    (sum, set) => sum + set.reduce((product, dimension) => product * VALUES_OF[dimension], 1),
    0,
  );
  const usd = (count * prices.customMetricMonth) / DAYS_PER_MONTH;
  return { what: 'CloudWatch, metrics', how: `${count}`, usd };
}

/**
 * One a second and a twentieth of the others (X-Ray's default rule), of the API and of each function that a queue or a
 * clock calls; an execution is one trace with all its functions.
 */
function traces(callers: readonly Caller[]): number {
  const executions = WORKLOAD.batchesPerDay + WORKLOAD.fleets;
  return callers
    .filter(({ name }) => BY_QUEUE_OR_CLOCK.includes(name))
    .reduce((sum, { counts }) => sum + sampled(counts.invocations), sampled(apiCalls()) + executions);
}

const sampled = (calls: number): number =>
  Math.min(calls, SECONDS_PER_DAY) + Math.max(0, calls - SECONDS_PER_DAY) / 20;
