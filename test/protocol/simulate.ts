import { type Bias, biasOf } from './biases.ts';
import { resumeAll, sendClients, startSweeper } from './clients.ts';
import type { Procedures } from './procedures.ts';
import { isDone, verify } from './verify.ts';
import { openWorld } from './world.ts';

export interface RunResult {
  readonly violations: readonly string[];
  readonly effects: number;
  readonly outcomes: readonly string[];
  trace(): readonly string[];
}

/** Sweeps after the faults are over within which every Batch must end: 2.5 hours. */
const MAX_CALM_SWEEPS = 30;
/** Far above what any run takes; one that gets there goes round in circles. */
const MAX_EFFECTS = 40_000;

/** One interleaving: faults for a while, then calm, then everything must have ended well. */
export async function simulate(
  seed: number,
  {
    bias = biasOf(seed),
    mutation = {},
  }: { readonly bias?: Bias; readonly mutation?: Partial<Procedures> } = {},
): Promise<RunResult> {
  const world = openWorld(seed, bias, mutation);
  const { stage } = world;
  const chaosEffects = stage.random.int(bias.chaosEffects.from, bias.chaosEffects.to);
  let sweeps = 0;
  sendClients(world);
  startSweeper(world, () => {
    sweeps++;
  });
  const isOver = (): boolean => world.batches.every((batch) => isDone(world, batch));
  while (stage.effects() < chaosEffects && world.ledger.violations.length === 0) await stage.step();
  stage.calm();
  resumeAll(world);
  const calmFrom = sweeps;
  while (world.ledger.violations.length === 0 && stage.effects() < MAX_EFFECTS) {
    if (sweeps - calmFrom > MAX_CALM_SWEEPS || (isOver() && sweeps > calmFrom)) break;
    await stage.step();
  }
  if (world.ledger.violations.length === 0) verify(world);
  return {
    violations: world.ledger.violations,
    effects: stage.effects(),
    outcomes: world.batches.map(({ tenant, id }) => {
      const phase = world.records.all().find(({ pk, sk }) => pk === `T#${tenant}` && sk === `BATCH#${id}`)
        ?.record as { phase: { kind: string; as?: string } } | undefined;
      return phase?.phase.as ?? phase?.phase.kind ?? 'never created';
    }),
    trace: stage.trace,
  };
}
