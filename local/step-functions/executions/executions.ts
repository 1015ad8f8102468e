import { randomUUID } from 'node:crypto';
import type { HistoryEvent } from '../interpreter/history.ts';
import type { NestedStart, Services } from '../interpreter/run.ts';
import { RequestError } from '../wire/request-error.ts';
import { checkExecutionInput, checkExecutionName } from './check-start.ts';
import { recordedEvents } from './end-event.ts';
import { type RunningExecution, runExecution } from './execution-run.ts';
import type { ExecutionEnd, ExecutionRecord, ExecutionStore } from './execution-store.ts';
import { createHistoryArchive, type HistoryArchive } from './history-archive.ts';
import type { StateMachines } from './state-machines.ts';

/** How long the name of an ended execution stays taken (StartExecution, "name"). */
const NAME_TAKEN_MS = 90 * 24 * 60 * 60 * 1000;

export interface ExecutionsOptions {
  readonly store: ExecutionStore;
  readonly machines: StateMachines;
  readonly services: Omit<Services, 'startExecution'>;
  readonly onEnded: (execution: ExecutionRecord) => void;
}

export interface Executions {
  start(request: NestedStart): ExecutionRecord;
  /** Stopping one that has ended changes nothing, as on AWS. */
  stop(
    arn: string,
    reason: { readonly error?: string | undefined; readonly cause?: string | undefined },
  ): void;
  /** Throws ExecutionDoesNotExist. */
  find(arn: string): ExecutionRecord;
  history(arn: string): readonly HistoryEvent[];
  /** Ends what an earlier process left running. */
  abortLeftovers(): void;
  abandonAll(): void;
}

interface Live extends ExecutionsOptions {
  readonly running: Map<string, RunningExecution>;
  readonly archive: HistoryArchive;
}

/** The executions of a stack: the interpreters that run now over the records that last. */
export function createExecutions(options: ExecutionsOptions): Executions {
  const live: Live = { ...options, running: new Map(), archive: createHistoryArchive() };
  const { store, running, archive } = live;
  return {
    start: (request) => start(live, request),
    find: (arn) => find(store, arn),
    stop(arn, reason) {
      find(store, arn);
      running.get(arn)?.stop({ status: 'ABORTED', ...reason });
    },
    history: (arn) => {
      const record = find(store, arn);
      return running.get(arn)?.history.events ?? archive.find(arn) ?? recordedEvents(record);
    },
    abortLeftovers() {
      const cause = 'The local stack stopped while it ran.';
      for (const { arn } of store.running()) end(live, arn, { status: 'ABORTED', cause });
    },
    abandonAll() {
      for (const each of running.values()) each.abandon();
      running.clear();
    },
  };
}

function start(live: Live, request: NestedStart): ExecutionRecord {
  const { store, machines, running } = live;
  const machine = machines.find(request.stateMachineArn);
  const name = request.name ?? randomUUID();
  checkExecutionName(name);
  checkExecutionInput(request.input);
  const arn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`;
  const startedAtMs = live.services.clock.nowMs();
  store.forgetEndedBefore(startedAtMs - NAME_TAKEN_MS);
  const taken = store.find(arn);
  if (taken !== undefined) {
    // A repeated start of what still runs is the same start, so that a caller may retry.
    if (taken.status === 'RUNNING' && taken.input === request.input) return taken;
    throw new RequestError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
  }
  store.insert({ arn, name, stateMachineArn: machine.arn, input: request.input, startedAtMs });
  const execution = find(store, arn);
  const services: Services = { ...live.services, startExecution: (nested) => start(live, nested) };
  running.set(
    arn,
    runExecution(services, execution, machine, (how) => end(live, arn, how)),
  );
  return execution;
}

function end(live: Live, arn: string, how: ExecutionEnd): void {
  const { store, running, archive } = live;
  store.end(arn, how, live.services.clock.nowMs());
  const events = running.get(arn)?.history.events;
  running.delete(arn);
  if (events !== undefined) archive.keep(arn, events);
  live.onEnded(find(store, arn));
}

function find(store: ExecutionStore, arn: string): ExecutionRecord {
  const found = store.find(arn);
  if (found !== undefined) return found;
  throw new RequestError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
}
