import { describe, expect, it } from 'vitest';
import { adoptClosePlan } from '../../core/retention/adopt-close-plan.ts';
import { type BackedUp, restored } from '../../core/retention/restored.ts';
import { biasOf } from './biases.ts';
import { resumeAll, sendClients, startSweeper } from './clients.ts';
import { isDone, verify } from './verify.ts';
import { openWorld, type World } from './world.ts';

const RUNS = 500;
/** 2.5 hours, as in the simulation. */
const MAX_SWEEPS = 30;
const MAX_EFFECTS = 60_000;

/** Puts a backup in the place of the table, beside objects that may be newer. */
type Import = (world: World, backup: readonly BackedUp[]) => Promise<void>;

const importIt: Import = async (world, backup) => {
  const items = backup.map(({ pk, sk, record }) => ({ pk, sk, record: restored({ pk, sk, record }) }));
  world.records.replaceAll(items.filter(({ record }) => record !== null));
  for (const { tenant, id } of world.batches) await adoptClosePlan(world, { tenant, batchId: id });
};

async function steps(world: World, count: number): Promise<void> {
  const until = world.stage.effects() + count;
  while (world.stage.effects() < until && (await world.stage.step()));
}

/** Batches run into trouble; at some moment the table is lost, and one from some time before is put in its place. */
async function runWithLoss(seed: number, put: Import): Promise<readonly string[]> {
  const world = openWorld(seed, biasOf(seed), {});
  const { stage, ledger } = world;
  sendClients(world);
  startSweeper(world, () => undefined);
  await steps(world, stage.random.int(30, 400));
  const backup = world.records.all();
  await steps(world, stage.random.int(0, 600));
  if (ledger.violations.length > 0) return ledger.violations;
  stage.killAll();
  stage.calm();
  await put(world, backup);
  let sweeps = 0;
  startSweeper(world, () => {
    sweeps++;
  });
  resumeAll(world);
  const isOver = () => world.batches.every((batch) => isDone(world, batch));
  while (!(isOver() && sweeps > 1) && sweeps < MAX_SWEEPS && stage.effects() < MAX_EFFECTS) {
    await stage.step();
    if (ledger.violations.length > 0) break;
  }
  if (ledger.violations.length === 0) verify(world);
  return ledger.violations;
}

describe('a table that was restored beside objects that are newer', () => {
  it('lets every Batch that it knows end, each line once, none that a Segment holds sent again', async () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      expect(await runWithLoss(seed, importIt), `seed ${seed}`).toEqual([]);
    }
  }, 120_000);

  it('would not, were the records put back as they were', async () => {
    let broken = 0;
    for (let seed = 1; seed <= RUNS && broken === 0; seed++) {
      broken += (await runWithLoss(seed, async (world, backup) => world.records.replaceAll(backup))).length;
    }
    expect(broken).toBeGreaterThan(0);
  }, 120_000);
});
