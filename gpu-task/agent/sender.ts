import type { AttemptLoad } from '../../core/agent/admission.ts';
import { backOffMs } from '../../core/agent/back-off.ts';
import { decideLine, type SendOutcome } from '../../core/agent/line-decision.ts';
import { runOrder } from '../../core/agent/line-order.ts';
import { bitReader } from '../../core/protocol/bitmap.ts';
import { poisonedLines, runsIsolated } from '../../core/protocol/poison.ts';
import type { LiveEngine } from './engine-host.ts';
import { finishedLine, poisonedLine } from './finished-lines.ts';
import { type Flight, type FlightContext, fly } from './flight.ts';
import { type LineQueue, lineQueue } from './line-queue.ts';
import { type Log, reasonOf } from './log.ts';

/** The engine's side of an Attempt: which lines wait, which are in flight. */
export interface Sender {
  load(): AttemptLoad;
  sendNext(engine: LiveEngine): void;
  /** Takes back what was in flight there; if there was something, it is a death of the Shard. */
  engineDied(engineStart: number): void;
  /** Takes back everything that is in flight. */
  takeBack(): void;
}

export interface SenderOptions extends FlightContext {
  readonly log: Log;
  readonly onChange: () => void;
}

export function openSender(options: SenderOptions): Sender {
  const { leased, progress, log, onChange } = options;
  const queue = lineQueue(runOrder(leased.lines, bitReader(leased.started.finished)));
  const flights = new Map<number, Flight>();
  const land = lander(options, queue);

  function takeBack(which: (flight: Flight) => boolean = () => true): readonly Flight[] {
    const taken = [...flights.values()].filter(which);
    for (const { index, withdrawn } of taken) {
      flights.delete(index);
      withdrawn.abort();
      queue.putBack(index);
    }
    return taken;
  }

  async function send(flight: Flight): Promise<void> {
    const outcome = await fly(flight, options).catch((error: unknown) => {
      log.warn('A Request could not be sent; trying again.', { reason: reasonOf(error) });
      return 'failed' as const;
    });
    if (flights.get(flight.index) !== flight || outcome === 'withdrawn') return;
    // Not ours to send now: it waits for the next renewal.
    if (outcome === 'grounded') return void takeBack((other) => other === flight);
    flights.delete(flight.index);
    land(flight.index, outcome);
    onChange();
  }

  progress.over.addEventListener('abort', () => takeBack());
  failPoisoned(options, queue);
  return {
    takeBack: () => void takeBack(),
    load: () => ({ ...queue.load(), isolated: runsIsolated(progress.deaths()) }),
    sendNext(engine) {
      const index = queue.take();
      if (index === undefined) return;
      const isolated = runsIsolated(progress.deaths());
      const flight: Flight = { index, engine, isolated, withdrawn: new AbortController(), sent: false };
      flights.set(index, flight);
      void send(flight);
    },
    engineDied(engineStart) {
      const [victim] = takeBack(({ engine }) => engine.engineStart === engineStart).filter(
        ({ sent }) => sent,
      );
      if (victim === undefined) return;
      const alone = victim.isolated ? { isolatedIndex: victim.index } : {};
      progress.noteDeath({ fence: leased.started.shard.fence, engineStart, ...alone });
      failPoisoned(options, queue);
    },
  };
}

/** Gives a line its result, or a next try after a while. A line that could not be sent at all spends no try. */
function lander({ deps, leased, progress, log, onChange }: SenderOptions, queue: LineQueue) {
  const { time, random, fleet } = deps;
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

  function judge(index: number, outcome: SendOutcome): void {
    const tried = (tries.get(index) ?? 0) + 1;
    tries.set(index, tried);
    const { endpoint } = leased;
    const decision = decideLine(outcome, { endpoint, tries: tried, maxTries: fleet.request.maxTries });
    if (decision.kind === 'retry') {
      log.info('A Request is tried again.', { index, tried, why: decision.why });
      sendLater(index, decision.retryAfterMs);
    } else {
      queue.finish(index);
      progress.finish(finishedLine(leased, index, decision));
    }
  }

  return (index: number, outcome: SendOutcome | 'failed'): void => {
    if (outcome === 'failed') sendLater(index, 0);
    else judge(index, outcome);
  };
}

/** Lines that killed the engine too often fail without being sent again. */
function failPoisoned({ leased, progress }: SenderOptions, queue: LineQueue): void {
  for (const index of poisonedLines(progress.deaths())) {
    if (queue.finish(index)) progress.finish(poisonedLine(leased, index));
  }
}
