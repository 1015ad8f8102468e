import { recordKeys } from '../keys.ts';
import type { Executions, Records } from '../ports.ts';
import type { BatchRef } from './lifecycle.ts';

/**
 * Makes the lifecycle look at the record now. Write first what it should see: a wait stores its token before it
 * looks again, so that one of the two always sees the other. The token is left where it is; sent twice, it does
 * nothing.
 */
export async function wakeLifecycle(
  { records, executions }: { readonly records: Records; readonly executions: Executions },
  { tenant, batchId }: BatchRef,
): Promise<void> {
  const batch = await records.read(recordKeys.batch(tenant, batchId));
  if (batch?.waiter != null) await executions.sendToken(batch.waiter);
}
