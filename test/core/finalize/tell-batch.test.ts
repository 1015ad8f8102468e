import { describe, expect, it } from 'vitest';
import { finalizeBatch } from '../../../core/finalize/finalize-batch.ts';
import { tellBatch } from '../../../core/finalize/tell-batch.ts';
import type { FleetId } from '../../../core/ids.ts';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import { cancel } from '../../../core/protocol/ending.ts';
import { pin } from '../../../core/protocol/intake.ts';
import { BATCH_ID, FILE_ID, REF, TENANT } from '../intake/fixtures.ts';
import { closed, enrolled, LEASE_MS, shardIdOf, type World, work, worldOf } from './fixtures.ts';

const OK = { status: 200 };

async function finished(): Promise<World> {
  const world = worldOf();
  await enrolled(world, 4);
  await work(world, 0, { 0: OK, 1: OK, 2: OK, 3: OK });
  await world.objects.putOnce(objectKeys.shard(shardIdOf(7), 'dead-attempt'), Buffer.from('orphan'));
  await closed(world);
  await finalizeBatch(world, REF);
  return world;
}

function bus(fail = false) {
  const published: [string, object][] = [];
  return {
    published,
    publish: async (detailType: string, detail: object) => {
      if (fail) throw new Error('The bus is down.');
      published.push([detailType, detail]);
    },
  };
}

describe('tellBatch', () => {
  it('publishes the end and clears what only the run needed', async () => {
    const world = await finished();
    await world.records.change(recordKeys.file(TENANT, FILE_ID), (file) => pin(file, BATCH_ID));
    const events = bus();
    expect(await tellBatch({ ...world, events }, REF)).toBe('told');
    expect(events.published).toEqual([
      [
        'Batch completed',
        {
          id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
          batchId: BATCH_ID,
          tenant: TENANT,
          status: 'completed',
          atMs: world.clock.nowMs(),
        },
      ],
    ]);
    const kept = world.objects
      .keys()
      .map((key) => key.replace(`tenants/${TENANT}/`, '').replace(/file-.*/, 'file'));
    expect(kept).toEqual([
      'batches/batch_1/close-plan.json',
      'batches/batch_1/intake-plan.json',
      'batches/batch_1/manifest.json',
      'files/file',
      'files/file',
    ]);
    expect(world.records.peek(recordKeys.openBatch(TENANT, BATCH_ID))).toBeNull();
    expect(world.records.peek(recordKeys.fleetBatch('small' as FleetId, TENANT, BATCH_ID))).toBeNull();
    expect(world.records.peek(recordKeys.file(TENANT, FILE_ID))?.pinnedBy).toEqual([]);
  });

  it('keeps the Batch in the open index until all is done, and tells it again under the same id', async () => {
    const world = await finished();
    await expect(tellBatch({ ...world, events: bus(true) }, REF)).rejects.toThrow('down');
    expect(world.records.peek(recordKeys.openBatch(TENANT, BATCH_ID))).not.toBeNull();
    const events = bus();
    await tellBatch({ ...world, events }, REF);
    await tellBatch({ ...world, events }, REF);
    expect(events.published[0]).toEqual(events.published[1]);
  });

  it('clears a cancelled Batch only once no agent can store for it any more', async () => {
    const world = worldOf();
    await enrolled(world, 4);
    const cancelledAtMs = world.clock.nowMs();
    await world.records.change(recordKeys.batch(TENANT, BATCH_ID), (batch) => cancel(batch, cancelledAtMs));
    await closed(world);
    await finalizeBatch(world, REF);
    const late = objectKeys.segment(shardIdOf(0), { fence: 1, number: 9 });
    const pause = async (ms: number) => {
      expect(ms).toBe(LEASE_MS);
      await world.objects.putOnce(late, Buffer.from('from an agent that had not heard of it'));
    };
    await tellBatch({ ...world, pause, events: bus() }, REF);
    expect(world.objects.peek(late)).toBeNull();
  });

  it('tells nothing of a Batch that is not over', async () => {
    const world = worldOf();
    await enrolled(world, 4);
    const events = bus();
    expect(await tellBatch({ ...world, events }, REF)).toBe('not-over');
    expect(events.published).toEqual([]);
  });
});
