import type { CallerCounts, RunCounts } from '../counts.ts';
import type { Call } from './call.ts';
import { unitsOf } from './dynamodb-units.ts';
import type { CountedRun, LogLine } from './run.ts';

type Growing = { -readonly [Name in keyof CallerCounts]: number };

const nothing = (): Growing => ({
  ...{ invocations: 0, cpuMs: 0, logBytes: 0 },
  ...{ dynamoDbCalls: 0, readUnits: 0, queryUnits: 0, writeUnits: 0 },
  ...{ s3Puts: 0, s3Gets: 0, sqsRequests: 0, events: 0 },
});

/** Adds up what a run told, by caller. */
export function tally(run: CountedRun, { profile, lines }: Pick<RunCounts, 'profile' | 'lines'>): RunCounts {
  const callers = new Map<string, Growing>();
  const of = (name: string): Growing => {
    const counts = callers.get(name) ?? nothing();
    callers.set(name, counts);
    return counts;
  };
  for (const call of run.calls) addCall(of(call.caller), call);
  for (const { source, line } of run.logs.filter(({ line }) => !isMetrics(line))) {
    if (source.kind !== 'stack') {
      of(source.kind === 'task' ? 'gpu-task' : source.name).logBytes += Buffer.byteLength(line);
    }
  }
  return {
    ...{ profile, lines, polls: run.polls, transitions: run.transitions },
    callers: Object.fromEntries([...callers].sort(([a], [b]) => a.localeCompare(b)).map(rounded)),
    metricsLineBytes: longestMetricsLine(run.logs),
  };
}

const rounded = ([name, counts]: readonly [string, Growing]) =>
  [name, { ...counts, cpuMs: Math.round(counts.cpuMs) }] as const;

const isMetrics = (line: string): boolean => line.startsWith('{"_aws"');

const longestMetricsLine = (logs: readonly LogLine[]): number =>
  Math.max(0, ...logs.filter(({ line }) => isMetrics(line)).map(({ line }) => Buffer.byteLength(line)));

/** Calls of ECS and Step Functions are free; the latter charges for states entered. */
function addCall(counts: Growing, { operation, sent, receivedBytes, cpuMs }: Call): void {
  const [service = '', name = ''] = operation.split(/[. ]/, 2);
  switch (service) {
    case 'lambda':
      counts.invocations += 1;
      counts.cpuMs += cpuMs ?? 0;
      return;
    case 'DynamoDB_20120810':
      addRecords(counts, name, unitsOf(name, sent, receivedBytes));
      return;
    case 'S3':
      addObjects(counts, operation);
      return;
    case 'AmazonSQS':
      counts.sqsRequests += 1;
      return;
    case 'AWSEvents':
      counts.events += 1;
      return;
    default:
  }
}

function addRecords(
  counts: Growing,
  name: string,
  { read, write }: { readonly read: number; readonly write: number },
): void {
  counts.dynamoDbCalls += 1;
  counts.readUnits += read;
  counts.writeUnits += write;
  if (name === 'Query') counts.queryUnits += read;
}

/** Lists cost as much as writes; deletes are free. */
function addObjects(counts: Growing, operation: string): void {
  const [, method, search = ''] = operation.split(' ');
  if (method === 'DELETE' || search.startsWith('?delete')) return;
  if (method === 'PUT' || method === 'POST' || search.includes('list-type=')) counts.s3Puts += 1;
  else counts.s3Gets += 1;
}
