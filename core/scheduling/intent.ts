import type { FleetId } from '../ids.ts';
import type { Loop } from '../protocol/loop.ts';
import { type Change, keep, put } from '../records.ts';

/** Notes the intent to start Tasks before any is asked for: its number makes the client tokens of RunTask. */
export function intendRuns(
  loop: Loop | null,
  intent: { readonly generation: number; readonly seenSeq: number },
): Change<Loop, { readonly kind: 'intended'; readonly planSeq: number } | { readonly kind: 'superseded' }> {
  if (loop === null || loop.generation !== intent.generation) return keep({ kind: 'superseded' });
  const planSeq = intent.seenSeq + 1;
  if (loop.planSeq === planSeq) return keep({ kind: 'intended', planSeq });
  if (loop.planSeq !== intent.seenSeq) return keep({ kind: 'superseded' });
  return put({ ...loop, planSeq }, { kind: 'intended', planSeq });
}

/** ECS takes 64 characters; a token is used for one capacity provider in one plan. */
export const runToken = (fleetId: FleetId, planSeq: number, capacity: string): string =>
  `${fleetId}-${planSeq}-${capacity}`.slice(-64);
