import { METRICS } from '../../core/metrics.ts';
import type { CallerCounts, Counts, RunCounts } from './counts.ts';
import { PLATFORM_LOG_BYTES } from './idle.ts';
import { billedSeconds } from './lambda-time.ts';
import { type Cost, DAYS_PER_MONTH, type Prices } from './prices.ts';
import { functionsOf, type Resource, schedulesOf } from './template.ts';
import { OPEN_BATCHES, POLLS_PER_DAY, REQUESTS_PER_DAY, WHOLE_FILE_STEPS, WORKLOAD } from './workload.ts';

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
/** Count, latency (two of them), 4xx and 5xx of each method in use; OPTIONS is in use by browsers alone. */
const API_METRICS = 5 * 6;
/** Every 15 s (the catalogue's checkpoint). */
const SEGMENTS_PER_TASK_HOUR = 240;
const BY_QUEUE_OR_CLOCK = ['recorder', 'signals', 'sweeper', 'instance-keeper'];
/** Whose calls go by the number of Segments. */
const OF_SEGMENTS = ['gpu-task', 'recorder', 'lifecycle-close', 'lifecycle-finalize'];

export interface BusyFacts {
  readonly resources: readonly Resource[];
  readonly counts: Counts;
  readonly prices: Prices;
  /** Of all Tasks, a day. */
  readonly taskHours: number;
}

/** What a Task finishes at the catalogue's rate decides how many hours of GPUs a day's Requests take. */
export const taskHoursOf = (tokensPerSecond: number): number =>
  (REQUESTS_PER_DAY * (WORKLOAD.inputTokens + WORKLOAD.outputTokens)) / tokensPerSecond / 3600;

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
  const transitions =
    Object.values(facts.counts.calls.transitions).reduce((sum, each) => sum + each, 0) *
    WORKLOAD.batchesPerDay;
  return [
    cost('API Gateway, requests', apiCalls(), prices.apiGatewayRequest),
    cost('Lambda, invocations', of('invocations'), prices.lambdaRequest),
    compute(callers, prices),
    cost('DynamoDB, read units', of('readUnits'), prices.dynamoDbReadUnit),
    cost('DynamoDB, write units', of('writeUnits'), prices.dynamoDbWriteUnit),
    cost('S3, PUT and LIST', of('s3Puts'), prices.s3Put),
    cost('S3, GET and HEAD', of('s3Gets'), prices.s3Get),
    cost('SQS, requests', of('sqsRequests') + consumed(callers) + polls(facts), prices.sqsRequest),
    cost('Step Functions, transitions', transitions, prices.stepFunctionsTransition),
    cost('EventBridge, events', of('events'), prices.eventBridgeCustomEvent),
    logs(facts, of('logBytes'), of('invocations')),
    metrics(facts),
    cost('X-Ray, traces', traces(callers), prices.xrayTrace),
  ];
}

const millions = (count: number): string => (count / 1e6).toFixed(3);
const apiCalls = (): number => POLLS_PER_DAY + WORKLOAD.batchesPerDay * API_CALLS_PER_BATCH;

/** The counts of each function, and of the Tasks, brought to a day. */
function callersOfDay({ resources, counts, taskHours }: BusyFacts): readonly Caller[] {
  const memory = new Map(functionsOf(resources).map(({ name, memoryMiB }) => [name, memoryMiB]));
  const schedules = new Map(schedulesOf(resources).map(({ name, perMinute }) => [name, perMinute]));
  return Object.keys(counts.calls.callers).flatMap((name) => {
    const run = WHOLE_FILE_STEPS.includes(name) ? counts.bytes : counts.calls;
    const counted = run.callers[name];
    if (counted === undefined) return [];
    const timesADay = times(name, { run, counted, perMinute: schedules.get(name), taskHours });
    return [{ name, counts: scaled(name, counted, timesADay), memoryMiB: memory.get(name) ?? 0 }];
  });
}

interface Source {
  readonly run: RunCounts;
  readonly counted: CallerCounts;
  /** Of a clock that calls it. */
  readonly perMinute: number | undefined;
  readonly taskHours: number;
}

/** How often a day repeats what the run counted, which was one Batch. */
function times(name: string, { run, counted, perMinute, taskHours }: Source): number {
  if (perMinute !== undefined) return (perMinute * MINUTES_PER_DAY) / counted.invocations;
  // The run's one creation counts as a poll.
  if (name === 'batches-api') return (POLLS_PER_DAY + WORKLOAD.batchesPerDay) / (run.polls + 1);
  // A key's answer is kept for a minute.
  if (name === 'authorizer') {
    return Math.min(MINUTES_PER_DAY * WORKLOAD.batchesPerDay, POLLS_PER_DAY) / counted.invocations;
  }
  // Writing a Segment takes part of a run's shortened time: it has fewer than a real Batch.
  const segments = run.callers['gpu-task']?.s3Puts ?? 0;
  return OF_SEGMENTS.includes(name)
    ? (taskHours * SEGMENTS_PER_TASK_HOUR) / segments
    : WORKLOAD.batchesPerDay;
}

/** A plan reads every open Batch of its Fleet, and a sweep every open one; the run had one. */
function scaled(name: string, counted: CallerCounts, timesADay: number): CallerCounts {
  const { queryUnits } = counted;
  const open =
    name === 'scheduler-plan' ? OPEN_BATCHES / WORKLOAD.fleets : name === 'sweeper' ? OPEN_BATCHES : 1;
  const readUnits = counted.readUnits + (open - 1) * (name === 'sweeper' ? counted.readUnits : queryUnits);
  const all = { ...counted, readUnits };
  return Object.fromEntries(
    Object.entries(all).map(([field, count]) => [field, count * timesADay]),
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

const polls = ({ taskHours }: BusyFacts): number =>
  QUEUE_POLLS_PER_DAY + taskHours * 60 * HINT_POLLS_PER_TASK_MINUTE;

function logs({ counts, prices, taskHours }: BusyFacts, counted: number, invocations: number): Cost {
  const bytes =
    counted +
    invocations * PLATFORM_LOG_BYTES +
    apiCalls() * ACCESS_LOG_BYTES +
    taskHours * 60 * counts.calls.metricsLineBytes;
  return {
    what: 'CloudWatch, logs',
    how: `${(bytes / GB).toFixed(2)} GB`,
    usd: (bytes / GB) * (prices.logsIngestedGb + prices.logsStoredGbMonth),
  };
}

/** Those that the run told and those that it could not (it has no GPU), of each Fleet, as if each were told every hour. */
function metrics({ counts, prices }: BusyFacts): Cost {
  const told = counts.calls.metrics;
  const others = Object.keys(METRICS).filter((name) => !told.some((each) => each.startsWith(`${name} `)));
  const count = (told.length + others.length) * WORKLOAD.fleets + API_METRICS;
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
