import { recordKeys } from '../keys.ts';
import type { Clock, Executions, Records } from '../ports.ts';
import { readFacts } from './assess.ts';
import { type LifecycleInput, registerWait } from './lifecycle.ts';
import { nextStep, type Rounds } from './next-step.ts';

export interface LifecycleWait {
  readonly input: LifecycleInput;
  /** As the step before answered them. */
  readonly kind: 'wait-long' | 'wait-medium' | 'wait-short';
  readonly waitSeq: number;
  readonly token: string;
}

/**
 * Begins a wait of the lifecycle: the token is stored first, then the record is looked at again. Whoever changed
 * it before that found no token to send, so this answers the wait itself where the decision is another by now.
 */
export async function waitLifecycle(
  ports: { readonly records: Records; readonly executions: Executions; readonly clock: Clock },
  { input, kind, waitSeq, token }: LifecycleWait,
  rounds: Rounds,
): Promise<'waiting' | 'answered'> {
  const { generation } = input;
  const registered = await ports.records.change(recordKeys.batch(input.tenant, input.batchId), (batch) =>
    registerWait(batch, { generation, waitSeqSeen: waitSeq, token }),
  );
  if (registered === 'waiting') {
    const step = nextStep(await readFacts(ports, input, rounds));
    if (step.kind === kind) return 'waiting';
  }
  await ports.executions.sendToken(token);
  return 'answered';
}
