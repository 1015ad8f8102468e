import type { Batch } from '../../core/batch/batch.ts';
import type { BatchId, FileId, TenantId } from '../../core/ids.ts';
import { recordKeys } from '../../core/keys.ts';
import { createBatch } from '../../core/protocol/create-batch.ts';
import { cancel } from '../../core/protocol/ending.ts';
import { extend, pause } from '../../core/protocol/lifecycle.ts';
import { startLifecycle } from '../../core/protocol/start-execution.ts';
import { sweep } from '../../core/protocol/sweep.ts';
import { wakeFleet } from '../../core/protocol/wake-fleet.ts';
import { wakeLifecycle } from '../../core/protocol/wake-lifecycle.ts';
import type { Random } from './random.ts';
import { type SimPorts, simPorts } from './sim-ports.ts';
import { FLEET, type World } from './world.ts';

const TENANT = 'tenant-a' as TenantId;
const MINUTE_MS = 60_000;
/** So far that only a hang gets there. */
const FAR_MS = 30 * 24 * 60 * MINUTE_MS;
const SWEEP_EVERY_MS = 5 * MINUTE_MS;
/** At most: while intake and enrol run, while Attempts run, any time. */
const VISITS_MS = [2000, MINUTE_MS, 15 * MINUTE_MS];
/** Longer than a pause that is applied late may be on its way. */
const RESUME_AFTER_MS = 5 * MINUTE_MS;

/** Creates the Batches of a run and everything that users do to them. */
export function sendClients(world: World): void {
  const { random } = world.stage;
  const count = random.int(1, world.bias.maxBatches);
  for (let i = 0; i < count; i++) {
    const batch = newBatch(world, i);
    world.batches.push(batch);
    for (let n = 0; n < 2; n++) {
      if (random.chance(world.bias.poison)) world.poison.add(`${batch.id}/${n}/${random.int(0, 2)}`);
    }
    create(world, batch);
    meddle(world, batch);
  }
}

function newBatch(world: World, n: number): Batch {
  const { random, nowMs } = world.stage;
  const lines = random.int(1, world.bias.maxLines);
  const windowMs = random.chance(world.bias.nearDeadline) ? random.int(1, 15) * MINUTE_MS : FAR_MS;
  return {
    tenant: TENANT,
    id: `batch_${n}` as BatchId,
    endpoint: '/v1/chat/completions',
    inputFileId: `file-in-${n}` as FileId,
    inputEtag: null,
    completionWindow: '24h',
    createdAtMs: nowMs(),
    deadlineMs: nowMs() + windowMs,
    metadata: { lines: String(lines) },
    phase: { kind: 'validating' },
    times: {},
    generation: 0,
    waitSeq: 0,
    waiter: null,
    paused: false,
  };
}

/** A client whose create fails tries again with the same key, and so the same id; or never does. */
function create(world: World, batch: Batch): void {
  const ref = { tenant: batch.tenant, batchId: batch.id };
  world.stage.spawn(
    world.newName('create '),
    async (actor) => {
      const ports = simPorts(world, actor);
      const created = await createBatch(ports.records, batch);
      await startLifecycle(ports, ref, created.generation === 0 ? 0 : created.generation - 1);
    },
    {
      onEnd: (how) => {
        if (how === 'died' && world.stage.random.chance(0.6)) create(world, batch);
      },
    },
  );
}

/** What users do to a Batch, each at some time, each perhaps dying halfway. */
function meddle(world: World, batch: Batch): void {
  const { bias, stage } = world;
  const { random } = stage;
  const anyTimeMs = (): number => random.int(0, random.pick(VISITS_MS));
  const visit = (act: Visit, afterMs: number): void => {
    stage.spawn(`${act.name} ${batch.id}`, async (actor) => {
      await stage.sleep(actor, afterMs);
      await act(simPorts(world, actor), batch, () => stage.sleep(actor, random.int(0, 10 * MINUTE_MS)));
    });
  };
  if (random.chance(bias.cancel)) visit(cancels, anyTimeMs());
  if (random.chance(bias.extend))
    visit(random.chance(0.8) ? extendsIt : shortensIt, whenToExtend(batch, random));
  if (random.chance(bias.pause)) visit(pauses, anyTimeMs());
}

type Visit = (ports: SimPorts, batch: Batch, linger: () => Promise<void>) => Promise<void>;

const keyOf = ({ tenant, id }: Batch) => recordKeys.batch(tenant, id);
const refOf = ({ tenant, id }: Batch) => ({ tenant, batchId: id });

const cancels: Visit = async (ports, batch) => {
  await ports.records.change(keyOf(batch), (current) => cancel(current, ports.clock.nowMs()));
  await wakeLifecycle(ports, refOf(batch));
};

async function moveDeadline(ports: SimPorts, batch: Batch, byMs: number): Promise<void> {
  await ports.records.change(keyOf(batch), (current) => extend(current, batch.deadlineMs + byMs));
  await wakeLifecycle(ports, refOf(batch));
  await wakeFleet(ports, FLEET);
}
const extendsIt: Visit = (ports, batch) => moveDeadline(ports, batch, 8 * MINUTE_MS);
const shortensIt: Visit = (ports, batch) => moveDeadline(ports, batch, -2 * MINUTE_MS);

const pauses: Visit = async (ports, batch, linger) => {
  await ports.records.change(keyOf(batch), (current) => pause(current, true));
  await wakeFleet(ports, FLEET);
  await linger();
  await ports.records.change(keyOf(batch), (current) => pause(current, false));
  await wakeFleet(ports, FLEET);
};

/** Often at the last moment, which clocks see differently. */
function whenToExtend({ deadlineMs, createdAtMs }: Batch, random: Random): number {
  const windowMs = deadlineMs - createdAtMs;
  if (windowMs === FAR_MS || random.chance(0.3)) return random.int(0, 15 * MINUTE_MS);
  return Math.max(0, windowMs + random.int(-20_000, 20_000));
}

/** Sweeps for as long as the run goes; each sweep may die. */
export function startSweeper(world: World, swept: () => void): void {
  world.stage.spawn(
    'schedule',
    async (schedule) => {
      for (;;) {
        await world.stage.sleep(schedule, SWEEP_EVERY_MS);
        swept();
        world.stage.spawn(world.newName('sweep '), async (actor) => {
          const { failures } = await sweep(simPorts(world, actor), [FLEET]);
          if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join(' '));
        });
      }
    },
    { mortal: false },
  );
}

/** Pause has no end of its own: what is still paused is resumed once the faults are over. */
export function resumeAll(world: World): void {
  for (const { tenant, id } of world.batches) {
    world.stage.spawn(`resume ${id}`, async (actor) => {
      await world.stage.sleep(actor, RESUME_AFTER_MS);
      const ports = simPorts(world, actor);
      await ports.records.change(recordKeys.batch(tenant, id), (current) => pause(current, false));
      await wakeFleet(ports, FLEET);
    });
  }
}
