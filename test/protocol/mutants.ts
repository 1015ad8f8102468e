import { objectKeys, recordKeys } from '../../core/keys.ts';
import type { Objects, Records } from '../../core/ports.ts';
import { release } from '../../core/protocol/lease.ts';
import type { Shard } from '../../core/protocol/shard.ts';
import { keep, put, type RecordKey, type Transition } from '../../core/records.ts';
import { encodeSegment, type FinishedLine } from '../../core/segment/segment.ts';
import {
  BAD_STORAGE,
  BIAS,
  type Bias,
  CLOSING,
  DOUBLED_STEPS,
  INTERRUPTIONS,
  LAGGING,
  STALLING,
} from './biases.ts';
import { PROCEDURES, type Procedures } from './procedures.ts';

/** A protocol without one of its rules, and runs in which that shows soon. */
export interface Mutant {
  readonly rule: string;
  readonly mutation: Partial<Procedures>;
  readonly bias: Bias;
}

type AnyTransition = Transition<Record<string, unknown>, unknown>;

/** Records whose changes of one kind of record go through another transition than the procedure meant. */
function withChange(
  records: Records,
  skPrefix: string,
  mutate: (transition: AnyTransition, key: RecordKey<unknown>) => AnyTransition,
): Records {
  return {
    ...records,
    change: <T, R>(key: RecordKey<T>, transition: Transition<T, R>): Promise<R> => {
      if (!key.sk.startsWith(skPrefix)) return records.change(key, transition);
      const mutated = mutate(transition as unknown as AnyTransition, key as RecordKey<unknown>);
      return records.change(key, mutated as unknown as Transition<T, R>);
    },
  };
}

/** Shows the transition a changed field, and keeps the change out of what it writes. */
const pretend =
  (field: string, as: (value: unknown) => unknown) =>
  (transition: AnyTransition): AnyTransition =>
  (current) => {
    if (current === null) return transition(null);
    const change = transition({ ...current, [field]: as(current[field]) });
    return change.kind === 'put' ? put({ ...change.record, [field]: current[field] }, change.result) : change;
  };

const claimWhateverState: Partial<Procedures> = {
  startAttempt: (ports, hint, request) =>
    PROCEDURES.startAttempt(
      {
        ...ports,
        records: withChange(
          ports.records,
          'SHARD#',
          pretend('state', () => 'open'),
        ),
      },
      hint,
      request,
    ),
};

const releaseBeforeTheRecordShowsIt: Partial<Procedures> = {
  finishAttempt: async ({ records }, { report, owner }) => {
    const holder = { owner, fence: report.fence };
    await records.change(recordKeys.shard(report.shard), (shard) => release(shard, holder));
    return 'released';
  },
};

/** Takes whatever became of a put for success and goes on with the next number. */
const segmentsWithGaps: Partial<Procedures> = {
  segmentWriter: (objects, shard, fence) => {
    let stored = 0;
    const flush = async (take: () => readonly FinishedLine[]): Promise<readonly FinishedLine[]> => {
      const lines = take();
      if (lines.length === 0) return [];
      const key = objectKeys.segment(shard, { fence, number: ++stored });
      await objects.putOnce(key, encodeSegment(lines)).catch(() => undefined);
      return lines;
    };
    return { flush, stored: () => stored };
  },
};

/** A retry sends what is ready by then, and takes "taken" for its own. */
const otherBytesOnRetry: Partial<Procedures> = {
  segmentWriter: (objects, shard, fence) => {
    let stored = 0;
    let left: readonly FinishedLine[] = [];
    const flush = async (take: () => readonly FinishedLine[]): Promise<readonly FinishedLine[]> => {
      const lines = [...left, ...take()];
      if (lines.length === 0) return [];
      left = lines;
      await objects.putOnce(objectKeys.segment(shard, { fence, number: stored + 1 }), encodeSegment(lines));
      stored++;
      left = [];
      return lines;
    };
    return { flush, stored: () => stored };
  },
};

const enrolOverWhatIsThere: Partial<Procedures> = {
  enrolBatch: (ports, batch) =>
    PROCEDURES.enrolBatch(
      { ...ports, records: withChange(ports.records, 'SHARD#', (transition) => () => transition(null)) },
      batch,
    ),
};

/** The Deadline that was read is taken for the one that stands. */
const expireWhateverTheDeadlineIs: Partial<Procedures> = {
  closeBatch: (ports, batch) => {
    let seenMs: unknown;
    const records: Records = {
      ...ports.records,
      read: async (key) => {
        const read = await ports.records.read(key);
        if (key.sk.startsWith('BATCH#')) seenMs = (read as { deadlineMs?: number } | null)?.deadlineMs;
        return read;
      },
    };
    const mutated = withChange(records, 'BATCH#', (transition) =>
      pretend('deadlineMs', () => seenMs)(transition),
    );
    return PROCEDURES.closeBatch({ ...ports, records: mutated }, batch);
  },
};

/** Past the Deadline a Batch is `expired`, also where nothing is open. */
const expireWhatIsSettled: Partial<Procedures> = {
  closeBatch: async (ports, batch) => {
    let as: unknown;
    const records = withChange(ports.records, 'BATCH#', (transition) => (current) => {
      const past = ports.clock.nowMs() >= Number(current?.['deadlineMs']);
      const change = transition(current);
      if (change.kind !== 'put' || !past) return change;
      as = 'expired';
      return put({ ...change.record, phase: { kind: 'closing', as } }, change.result);
    });
    const objects: Objects = {
      ...ports.objects,
      putOnce: (key, body, type) => {
        if (as !== 'expired' || !key.endsWith('close-plan.json'))
          return ports.objects.putOnce(key, body, type);
        const plan = { ...(JSON.parse(Buffer.from(body).toString()) as object), as };
        return ports.objects.putOnce(key, Buffer.from(JSON.stringify(plan)), type);
      },
    };
    return PROCEDURES.closeBatch({ ...ports, records, objects }, batch);
  },
};

/** The Segments are listed, and the record read, before the fence is raised. */
const closeReadsFirst: Partial<Procedures> = {
  closeBatch: (ports, batch) => {
    const listed = new Map<string, ReturnType<Objects['list']>>();
    const records: Records = {
      ...ports.records,
      change: async (key, transition) => {
        if (!key.sk.startsWith('SHARD#')) return ports.records.change(key, transition);
        const before = (await ports.records.read(key)) as Shard | null;
        if (before === null) return ports.records.change(key, transition);
        const prefix = objectKeys.segments(before);
        listed.set(prefix, Promise.resolve(await ports.objects.list(prefix)));
        const closed = (await ports.records.change(key, transition)) as Shard;
        const { segments, countsFinalBelow } = before;
        return { ...closed, segments, countsFinalBelow } as never;
      },
    };
    const objects: Objects = {
      ...ports.objects,
      list: (prefix) => listed.get(prefix) ?? ports.objects.list(prefix),
    };
    return PROCEDURES.closeBatch({ ...ports, records, objects }, batch);
  },
};

/** Where enrol has put no record yet, there is nothing to close. */
const closeOnlyWhatIsThere: Partial<Procedures> = {
  closeBatch: (ports, batch) => {
    const records = withChange(ports.records, 'SHARD#', (transition) => (current) => {
      const change = transition(current);
      return current === null ? keep(change.result) : change;
    });
    return PROCEDURES.closeBatch({ ...ports, records }, batch);
  },
};

export const MUTANTS: readonly Mutant[] = [
  { rule: 'a claim needs an open Shard', mutation: claimWhateverState, bias: CLOSING },
  {
    rule: 'an agent sends nothing after its Lease',
    mutation: { leaseHolds: () => true },
    bias: INTERRUPTIONS,
  },
  {
    rule: 'an agent renews until the record shows its last report',
    mutation: releaseBeforeTheRecordShowsIt,
    bias: LAGGING,
  },
  { rule: 'number n + 1 is put only after n is acknowledged', mutation: segmentsWithGaps, bias: BAD_STORAGE },
  { rule: 'a retry puts the same bytes', mutation: otherBytesOnRetry, bias: BAD_STORAGE },
  {
    rule: 'enrol puts Shard records only where none is',
    mutation: enrolOverWhatIsThere,
    bias: { ...BIAS, stepTimeout: 0.3, nearDeadline: 0 },
  },
  {
    rule: 'expiry holds only for the Deadline that was seen',
    mutation: expireWhateverTheDeadlineIs,
    bias: { ...STALLING, cancel: 0, extend: 1 },
  },
  { rule: 'nothing open means settled', mutation: expireWhatIsSettled, bias: { ...CLOSING, cancel: 0 } },
  { rule: 'close lists after it has raised the fence', mutation: closeReadsFirst, bias: STALLING },
  {
    rule: 'close takes the place of a Shard that enrol has not put',
    mutation: closeOnlyWhatIsThere,
    bias: { ...DOUBLED_STEPS, faults: { ...BIAS.faults, stall: 0.15 }, cancel: 1 },
  },
];
