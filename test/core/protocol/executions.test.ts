import { describe, expect, test } from 'vitest';
import { recordKeys } from '../../../core/keys.ts';
import { assessLifecycle } from '../../../core/protocol/assess.ts';
import { cancel } from '../../../core/protocol/ending.ts';
import { enrolBatch } from '../../../core/protocol/enrol.ts';
import { endIntake } from '../../../core/protocol/intake.ts';
import { startLifecycle } from '../../../core/protocol/start-execution.ts';
import { sweep } from '../../../core/protocol/sweep.ts';
import { waitLifecycle } from '../../../core/protocol/wait-lifecycle.ts';
import { put } from '../../../core/records.ts';
import { createdBatch, FILE, never, planOf, REF, ROUNDS } from './created-batch.ts';
import { BATCH, FLEET, SHARD_ID, TENANT } from './samples.ts';

describe('executions', () => {
  test('a retried start finds its execution; a closed one makes way for the next generation', async () => {
    const { ports } = await createdBatch();
    expect(await startLifecycle(ports, REF, 0)).toBe('running');
    expect(await startLifecycle(ports, REF, 0)).toBe('running');
    expect(ports.executions.all()).toHaveLength(1);
    ports.executions.end('batch-lifecycle', `${BATCH}-1`);
    expect(await startLifecycle(ports, REF, 0)).toBe('running');
    expect(ports.executions.all().map(({ name }) => name)).toEqual([`${BATCH}-1`, `${BATCH}-2`]);
  });

  test('the sweeper starts the lifecycle of a create that died', async () => {
    const { ports } = await createdBatch();
    await sweep(ports, [FLEET]);
    expect(await ports.executions.isRunning('batch-lifecycle', `${BATCH}-1`)).toBe(true);
  });

  test('enrol makes the Shards visible and starts the loop; again, it resets nothing', async () => {
    const { ports, batch, shard } = await createdBatch();
    await endIntake(ports, { ...REF, inputFileId: FILE.id }, planOf('a'));
    expect(await enrolBatch(ports, REF)).toBe('enrolled');
    expect(batch()?.phase.kind).toBe('enrolled');
    expect(await ports.executions.isRunning('fleet-scheduler', `${FLEET}-1`)).toBe(true);
    await ports.records.change(recordKeys.shard(SHARD_ID), (s) =>
      put({ ...(s ?? never()), fence: 9 }, undefined),
    );
    expect(await enrolBatch(ports, REF)).toBe('enrolled');
    expect(shard()?.fence).toBe(9);
  });

  test('a wait that registers after a cancel answers itself', async () => {
    const { ports } = await createdBatch();
    await startLifecycle(ports, REF, 0);
    await endIntake(ports, { ...REF, inputFileId: FILE.id }, planOf('a'));
    await enrolBatch(ports, REF);
    const input = { ...REF, generation: 1, definitionVersion: 1 };
    const step = await assessLifecycle(ports, input, ROUNDS);
    expect(step).toEqual({ kind: 'wait-long', waitSeq: 0 });
    await ports.records.change(recordKeys.batch(TENANT, BATCH), (b) => cancel(b, 1));
    const wait = { input, kind: 'wait-long', waitSeq: 0, token: 'token' } as const;
    expect(await waitLifecycle(ports, wait, ROUNDS)).toBe('answered');
    expect(ports.executions.tokens).toEqual(['token']);
  });
});
