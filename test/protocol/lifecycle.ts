import { objectKeys, recordKeys } from '../../core/keys.ts';
import { finishBatch, markTold } from '../../core/protocol/finish-batch.ts';
import { endIntake, readIntakePlan } from '../../core/protocol/intake.ts';
import type { LifecycleInput } from '../../core/protocol/lifecycle.ts';
import { startLifecycle } from '../../core/protocol/start-execution.ts';
import { waitLifecycle } from '../../core/protocol/wait-lifecycle.ts';
import { finalize } from './finalize.ts';
import { awaitToken, callStep } from './machines.ts';
import type { SimPorts } from './sim-ports.ts';
import type { Actor } from './stage.ts';
import { FLEET, type World } from './world.ts';

export const ROUNDS = { longMs: 3_600_000, mediumMs: 300_000 };
const ROUND_MS = { 'wait-long': 3_600_000, 'wait-medium': 300_000, 'wait-short': 30_000 };
/** Lines of a Shard at most. */
const MAX_SHARD_LINES = 3;

/** The batch-lifecycle machine. */
export async function runLifecycle(world: World, machine: Actor, input: LifecycleInput): Promise<void> {
  for (;;) {
    const step = await callStep(world, machine, 'assess', (ports) =>
      world.procedures.assessLifecycle(ports, input, ROUNDS),
    );
    switch (step.kind) {
      case 'over':
        return;
      case 'continue-as-new':
        await callStep(world, machine, 'continue', (ports) => startLifecycle(ports, input, input.generation));
        return;
      case 'intake':
        await callStep(world, machine, 'intake', (ports) => intake(world, ports, input));
        break;
      case 'enrol':
        await callStep(world, machine, 'enrol', (ports) => world.procedures.enrolBatch(ports, input));
        break;
      case 'close':
        await callStep(world, machine, 'close', (ports) => world.procedures.closeBatch(ports, input));
        await callStep(world, machine, 'finalize', (ports) => end(world, ports, input));
        break;
      case 'tell':
        await callStep(world, machine, 'tell', ({ records }) => markTold(records, input));
        break;
      case 'wait-long':
      case 'wait-medium':
      case 'wait-short': {
        const { kind, waitSeq } = step;
        await awaitToken(world, machine, ROUND_MS[kind], (token) =>
          callStep(world, machine, 'wait', (ports) =>
            waitLifecycle(ports, { input, kind, waitSeq, token }, ROUNDS),
          ),
        );
        break;
      }
      default:
        throw new Error(`Unknown step ${JSON.stringify(step satisfies never)}`);
    }
  }
}

/** Cuts anew with each try, so that two cuts that mix would show. */
async function intake(world: World, ports: SimPorts, input: LifecycleInput): Promise<void> {
  const { tenant, batchId } = input;
  const batch = await ports.records.read(recordKeys.batch(tenant, batchId));
  if (batch === null) return;
  const standing = await readIntakePlan(ports.objects, input);
  const ref = { tenant, batchId, inputFileId: batch.inputFileId };
  if (standing !== null) return void (await endIntake(ports, ref, standing));
  const intakeAttempt = world.newName('intake-');
  const lines = Number(batch.metadata?.['lines'] ?? 0);
  const shards = [];
  for (let first = 1, number = 0; first <= lines; number++) {
    const count = Math.min(world.stage.random.int(1, MAX_SHARD_LINES), lines - first + 1);
    const numbers = Array.from({ length: count }, (_, i) => first + i);
    const objectKey = objectKeys.shard({ tenant, batchId, number }, intakeAttempt);
    await ports.objects.putOnce(objectKey, Buffer.from(JSON.stringify(numbers)));
    shards.push({ number, objectKey, lines: count, estimatedTokens: count });
    first += count;
  }
  const cut = {
    intakeAttempt,
    model: 'm',
    fleetId: FLEET,
    endpoint: batch.endpoint,
    lines,
    idDigest: '',
    shards,
  };
  await endIntake(ports, ref, cut);
}

async function end(world: World, ports: SimPorts, input: LifecycleInput): Promise<void> {
  const ending = await finalize(world, ports, input);
  if (ending !== null) await finishBatch(ports, input, ending);
}
