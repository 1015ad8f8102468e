import { backOffMs } from '../../core/agent/back-off.ts';
import { decideLine, type SendOutcome } from '../../core/agent/line-decision.ts';
import { finishedLine } from './finished-lines.ts';
import type { Flight } from './flight.ts';
import type { BatchForecast } from './forecasts.ts';
import type { LineQueue } from './line-queue.ts';
import type { SenderOptions } from './sender.ts';

/** Gives a line its result, or a next try after a while. A line that could not be sent at all spends no try. */
export function lander(
  { deps, leased, progress, log, tally, onChange }: SenderOptions,
  queue: LineQueue,
  forecast: BatchForecast,
): (flight: Flight, outcome: SendOutcome | 'failed') => void {
  const { time, random, fleet } = deps;
  const { endpoint } = leased.started.shard;
  /** Of lines that were tried in vain. */
  const tries = new Map<number, number>();

  function sendLater(index: number, retryAfterMs: number): void {
    queue.backOff(index);
    const waitMs = backOffMs(Math.max(1, tries.get(index) ?? 0), random(), retryAfterMs);
    void time.sleep(waitMs, progress.over).then(() => {
      if (progress.over.aborted) return;
      queue.putBack(index);
      onChange();
    });
  }

  function judge({ index, bodyBytes, sentAtMs }: Flight, outcome: SendOutcome): void {
    const tried = (tries.get(index) ?? 0) + 1;
    const decision = decideLine(outcome, { endpoint, tries: tried, maxTries: fleet.request.maxTries });
    if (decision.kind === 'retry') {
      tries.set(index, tried);
      tally.add('RequestsRetried');
      const reason = outcome.kind === 'unanswered' ? outcome.reason : null;
      log.info('A Request is tried again.', { index, tried, why: decision.why, reason });
      sendLater(index, decision.retryAfterMs);
      return;
    }
    if (decision.outcome === 'completed' && sentAtMs !== null) {
      forecast.learn({ bodyBytes, ...decision.usage, tookMs: time.monotonicMs() - sentAtMs });
    }
    queue.finish(index);
    progress.finish(finishedLine(leased, index, decision));
  }

  return (flight, outcome) => {
    if (outcome === 'failed') sendLater(flight.index, 0);
    else judge(flight, outcome);
  };
}
