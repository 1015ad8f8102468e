import { describe, expect, it } from 'vitest';
import { DEFINITION_VERSION } from '../../../core/batch/batch.ts';
import { recordKeys } from '../../../core/keys.ts';
import type { MetricValues } from '../../../core/metrics.ts';
import { assess } from '../../../lambdas/lifecycle-assess/handler.ts';
import { close } from '../../../lambdas/lifecycle-close/handler.ts';
import { enrol } from '../../../lambdas/lifecycle-enrol/handler.ts';
import { finalize } from '../../../lambdas/lifecycle-finalize/handler.ts';
import { intake } from '../../../lambdas/lifecycle-intake/handler.ts';
import { tell } from '../../../lambdas/lifecycle-tell/handler.ts';
import { wait } from '../../../lambdas/lifecycle-wait/handler.ts';
import { linesOf, outcomeIn, work, worldOf } from '../../core/finalize/fixtures.ts';
import { BATCH_ID, lineOf, REF, submit, TENANT } from '../../core/intake/fixtures.ts';

const INPUT = { ...REF, generation: 1, definitionVersion: DEFINITION_VERSION };
const OK = { status: 200 };
const ROUNDS = { longMs: 3_600_000, mediumMs: 300_000 };

function machineOf() {
  const world = worldOf();
  const events: object[] = [];
  const emitted: MetricValues[] = [];
  const unreadable: string[] = [];
  let attempts = 0;
  const deps = {
    ...world,
    rounds: ROUNDS,
    newAttempt: () => `attempt-${++attempts}`,
    events: { publish: async (type: string, detail: object) => void events.push({ type, ...detail }) },
    metrics: { emit: (values: MetricValues) => void emitted.push(values) },
    logError: (_: string, fields: { readonly segments: readonly string[] }) =>
      void unreadable.push(...fields.segments),
  };
  return { world, deps, events, emitted, unreadable, next: () => assess(deps)(INPUT) };
}
type Machine = ReturnType<typeof machineOf>;

/** Each step twice, as Step Functions may run it. */
async function twice<T>(run: () => Promise<T>): Promise<T> {
  await run();
  return run();
}

const submitted = ({ world }: Machine, lines = 4) =>
  submit(world, Array.from({ length: lines }, (_, i) => lineOf(`id-${i}`, { max_tokens: 1 })).join('\n'));

describe('the lifecycle of a Batch', () => {
  it('goes from the upload to the files, each step twice', async () => {
    const machine = machineOf();
    const { world, deps } = machine;
    await submitted(machine);
    expect(await machine.next()).toEqual({ kind: 'intake' });
    expect(await twice(() => intake(deps)(INPUT))).toEqual({ kind: 'planned', lines: 4, shards: 1 });
    expect(await machine.next()).toEqual({ kind: 'enrol' });
    expect(await twice(() => enrol(deps)(INPUT))).toEqual({ kind: 'enrolled' });
    const round = await machine.next();
    expect(round).toEqual({ kind: 'wait-long', waitSeq: 0 });
    const waiting = { ...INPUT, kind: 'wait-long', waitSeq: 0, taskToken: 'token-1' } as const;
    expect(await wait(deps)(waiting)).toEqual({ kind: 'waiting' });

    await work(world, 0, { 0: OK, 1: OK, 2: { status: 400 }, 3: OK });
    expect(world.executions.tokens).toContain('token-1');
    expect(await machine.next()).toEqual({ kind: 'close' });
    expect(await twice(() => close(deps)(INPUT))).toEqual({ kind: 'planned' });
    expect(await finalize(deps)(INPUT)).toEqual({ kind: 'finished' });
    expect(await finalize(deps)(INPUT)).toEqual({ kind: 'over' });
    expect(await machine.next()).toEqual({ kind: 'tell' });
    await twice(() => tell(deps)(INPUT));
    expect(await machine.next()).toEqual({ kind: 'over' });

    expect(machine.events).toMatchObject([{ type: 'Batch completed' }, { type: 'Batch completed' }]);
    expect(machine.unreadable).toEqual([]);
    const ended = { BatchesCompleted: 1, LinesCompleted: 3, LinesFailed: 1 };
    expect(machine.emitted[0]).toMatchObject(ended);
    expect(machine.emitted[0]?.BatchMarginSeconds).toBeGreaterThan(0);
    expect(linesOf(world, outcomeIn(world).outputFileId).map((line) => line.custom_id)).toEqual([
      'id-0',
      'id-1',
      'id-3',
    ]);
  });

  it('fails a bad file and tells it', async () => {
    const machine = machineOf();
    const { world, deps } = machine;
    await submit(world, '{"custom_id":"a"}\n');
    expect(await twice(() => intake(deps)(INPUT))).toEqual({ kind: 'left' });
    expect(await machine.next()).toEqual({ kind: 'tell' });
    await tell(deps)(INPUT);
    expect(machine.events).toMatchObject([{ type: 'Batch failed', status: 'failed' }]);
    expect(machine.emitted).toEqual([{ BatchesFailed: 1 }]);
    expect(await machine.next()).toEqual({ kind: 'over' });
  });

  it('answers a wait at once where the Batch has settled meanwhile', async () => {
    const machine = machineOf();
    const { world, deps } = machine;
    await submitted(machine);
    await intake(deps)(INPUT);
    await enrol(deps)(INPUT);
    await work(world, 0, { 0: OK, 1: OK, 2: OK, 3: OK });
    const waiting = { ...INPUT, kind: 'wait-long', waitSeq: 0, taskToken: 'late' } as const;
    expect(await wait(deps)(waiting)).toEqual({ kind: 'answered' });
    expect(world.executions.tokens).toEqual(['late']);
  });

  it('starts the next generation where the definition is another by now', async () => {
    const machine = machineOf();
    await submitted(machine);
    const old = { ...INPUT, definitionVersion: DEFINITION_VERSION + 1 };
    expect(await assess(machine.deps)(old)).toEqual({ kind: 'continue-as-new' });
    expect(machine.world.executions.all().map(({ name }) => name)).toEqual([`${BATCH_ID}-2`]);
    expect(machine.world.records.peek(recordKeys.batch(TENANT, BATCH_ID))?.generation).toBe(2);
    expect(await assess(machine.deps)(old)).toEqual({ kind: 'over' });
  });

  it('reports Segments that are gone', async () => {
    const machine = machineOf();
    const { world, deps } = machine;
    await submitted(machine);
    await intake(deps)(INPUT);
    await enrol(deps)(INPUT);
    await work(world, 0, { 0: OK, 1: OK, 2: OK, 3: OK });
    await close(deps)(INPUT);
    const segments = world.objects.keys().filter((key) => key.includes('/segments/'));
    await world.objects.remove(segments);
    expect(await finalize(deps)(INPUT)).toEqual({ kind: 'finished' });
    expect(machine.unreadable).toEqual(segments);
    expect(machine.emitted).toEqual([{ UnreadableSegments: segments.length }]);
  });
});
