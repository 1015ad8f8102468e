import { backOffMs } from '../../core/agent/back-off.ts';
import { decideLine, type LineDecision, type SendOutcome } from '../../core/agent/line-decision.ts';
import { isBusy } from '../../core/agent/verdict.ts';
import { type Finish, finishedLine } from './finished-lines.ts';
import type { Flight } from './flight.ts';
import type { BatchForecast } from './forecasts.ts';
import type { LineQueue } from './line-queue.ts';
import type { SenderOptions } from './sender.ts';

/** Gives a line that comes back its result, or a next try. One that could not be sent at all (`failed`) spends no try. */
export type Land = (flight: Flight, outcome: SendOutcome | 'failed') => void;

type Retry = Extract<LineDecision, { readonly kind: 'retry' }>;
type Wait = Extract<LineDecision, { readonly kind: 'wait' }>;

export function lander(options: SenderOptions, queue: LineQueue, forecast: BatchForecast): Land {
  const { deps, host, leased, progress, log, tally, server, onChange } = options;
  const { time, random } = deps;
  const { maxTries, timeoutMs: maxBusyMs } = deps.fleet.request;
  const { endpoint } = leased.started.shard;
  /** Of lines that were tried in vain. */
  const tries = new Map<number, number>();
  /** Of lines that met nothing but a busy server since. */
  const refused = new Map<number, { readonly sinceMs: number; readonly times: number }>();

  function sendAgain(index: number, waitMs: number): void {
    if (waitMs === 0) {
      queue.putBack(index);
      return;
    }
    queue.backOff(index);
    void time.sleep(waitMs, progress.over).then(() => {
      if (progress.over.aborted) return;
      queue.putBack(index);
      onChange();
    });
  }

  function finish({ index, bodyBytes, sentAtMs }: Flight, decision: Finish): void {
    if (decision.outcome === 'completed' && sentAtMs !== null) {
      const { inputTokens, outputTokens } = decision.usage;
      forecast.learn({ bodyBytes, inputTokens, outputTokens, tookMs: time.monotonicMs() - sentAtMs });
    }
    queue.finish(index);
    progress.finish(finishedLine(leased, index, decision));
  }

  function tryAgain(index: number, decision: Retry, reason: string | null): void {
    const tried = (tries.get(index) ?? 0) + 1;
    tries.set(index, tried);
    log.info('A Request is tried again.', { index, tried, why: decision.why, reason });
    sendAgain(index, backOffMs(tried, random(), decision.retryAfterMs));
  }

  /** Of that time, what the server did not spend on others. */
  function busyForMs(index: number): number {
    const sinceMs = refused.get(index)?.sinceMs;
    return sinceMs === undefined ? 0 : time.monotonicMs() - Math.max(sinceMs, server.tookAtMs());
  }

  function waitForServer({ index, sentAtMs }: Flight, { why, retryAfterMs }: Wait): void {
    const nowMs = time.monotonicMs();
    const { sinceMs, times } = refused.get(index) ?? { sinceMs: nowMs, times: 0 };
    refused.set(index, { sinceMs, times: times + 1 });
    const refusal = { why, retryAfterMs, sentAtMs: sentAtMs ?? nowMs, again: times > 0 };
    const allWait = server.noteBusy(refusal) === 'pause';
    sendAgain(index, allWait ? 0 : backOffMs(times + 1, random(), retryAfterMs));
  }

  function judge(flight: Flight, outcome: SendOutcome): void {
    const { index } = flight;
    const decision = decideLine(outcome, {
      tries: (tries.get(index) ?? 0) + 1,
      busyForMs: busyForMs(index),
      endpoint,
      maxTries,
      maxBusyMs,
    });
    const answer = outcome.kind === 'answered' ? outcome.answer : null;
    const isRefused = answer !== null && isBusy(answer);
    if (!isRefused) refused.delete(index);
    if (answer !== null && !isRefused) server.noteOther(flight.sentAtMs ?? time.monotonicMs());
    if (decision.kind !== 'finish') tally.add('RequestsRetried');
    else if (answer !== null) host.noteAnswer();
    switch (decision.kind) {
      case 'finish':
        finish(flight, decision);
        break;
      case 'wait':
        waitForServer(flight, decision);
        break;
      case 'retry':
        tryAgain(index, decision, outcome.kind === 'unanswered' ? outcome.reason : null);
        break;
      default:
        decision satisfies never;
    }
  }

  return (flight, outcome) => {
    const tried = Math.max(1, tries.get(flight.index) ?? 0);
    if (outcome === 'failed') sendAgain(flight.index, backOffMs(tried, random()));
    else judge(flight, outcome);
  };
}
