import type { AttemptLoad } from '../../core/agent/admission.ts';
import { isOurs } from '../../core/agent/engine-limits.ts';
import { expectedTokens, isHopeless } from '../../core/agent/forecast.ts';
import { mayMeanDeath, POISONED, type SendOutcome } from '../../core/agent/line-decision.ts';
import { runOrder } from '../../core/agent/line-order.ts';
import { bitReader } from '../../core/protocol/bitmap.ts';
import { poisonedLines, runsIsolated } from '../../core/protocol/poison.ts';
import type { EngineDeath } from '../../core/protocol/shard.ts';
import type { LineResult } from '../../core/wire/result-line.ts';
import type { BusyServer } from './busy-server.ts';
import type { EngineHost, LiveEngine } from './engine-host.ts';
import { failedLine, lineAt } from './finished-lines.ts';
import { type Flight, type FlightContext, fly } from './flight.ts';
import type { BatchForecast } from './forecasts.ts';
import { lander } from './lander.ts';
import { type LineQueue, lineQueue } from './line-queue.ts';
import { type Log, reasonOf } from './log.ts';
import { requestTimeouts } from './request-timeouts.ts';
import type { Tally } from './tally.ts';

/** The engine's side of an Attempt: which lines wait, which are in flight. */
export interface Sender {
  load(heldBack: boolean): AttemptLoad;
  /** Lines without a result. */
  unfinished(): number;
  sendNext(engine: LiveEngine): void;
  /**
   * Takes back what was in flight there. If there was something and the engine is ours, it is a death of the Shard, once
   * what this answers is called; of a line that ran alone it is one at once.
   */
  engineDied(engineStart: number): () => void;
  /** Takes back what cannot end until `untilMs` (monotonic); the engine works for the others then. */
  takeBackHopeless(untilMs: number): void;
  /** Takes back everything that is in flight. */
  takeBack(): void;
  /** Gives every line that has no result this one. */
  failAll(result: LineResult): void;
}

export interface SenderOptions extends Omit<FlightContext, 'timeouts'> {
  readonly host: EngineHost;
  readonly log: Log;
  readonly tally: Tally;
  readonly forecast: BatchForecast;
  readonly server: BusyServer;
  readonly onChange: () => void;
}

export function openSender(options: SenderOptions): Sender {
  const { deps, host, leased, progress, log, forecast, onChange } = options;
  const queue = lineQueue(runOrder(leased.lines, bitReader(leased.started.finished)));
  const flights = flightList();
  const timeouts = requestTimeouts(deps.time, deps.fleet.request.timeoutMs, progress.over);
  const context: FlightContext = { deps, leased, progress, timeouts };
  const land = lander(options, queue, forecast);

  function takeBack(which: (flight: Flight) => boolean = () => true): readonly Flight[] {
    const taken = flights.all().filter(which);
    for (const flight of taken) {
      flights.remove(flight);
      flight.withdrawn = true;
      flight.ending.abort();
      queue.putBack(flight.index);
    }
    return taken;
  }

  async function send(flight: Flight): Promise<void> {
    let outcome: SendOutcome | 'grounded' | 'failed';
    try {
      outcome = await fly(flight, context);
      // It counts as in flight until that is known: a death now is charged to it.
      if (outcome !== 'grounded' && mayMeanDeath(outcome) && !flight.withdrawn)
        await host.examine(flight.engine);
    } catch (error) {
      log.warn('A Request could not be sent; trying again.', { reason: reasonOf(error) });
      outcome = 'failed';
    }
    // It was taken back, or its engine died with it.
    if (flight.withdrawn) return;
    // Not ours to send now: it waits for the next renewal.
    if (outcome === 'grounded') return void takeBack((other) => other === flight);
    flights.remove(flight);
    land(flight, outcome);
    onChange();
  }

  function chargeDeath(death: EngineDeath): void {
    progress.noteDeath(death);
    failPoisoned(options, queue);
  }

  function flightOf(index: number, engine: LiveEngine): Flight {
    const bodyBytes = lineAt(leased, index).body.length;
    return {
      index,
      engine,
      bodyBytes,
      ending: new AbortController(),
      withdrawn: false,
      sentAtMs: null,
      isolated: runsIsolated(progress.deaths()),
      tokens: expectedTokens(forecast.now(), bodyBytes, deps.fleet.contextTokens),
    };
  }

  progress.over.addEventListener('abort', () => takeBack());
  failPoisoned(options, queue);
  return {
    takeBack: () => void takeBack(),
    failAll(result) {
      takeBack();
      for (const index of queue.open()) {
        if (queue.finish(index)) progress.finish(failedLine(leased, index, result));
      }
    },
    unfinished: queue.unfinished,
    load: (heldBack) => ({
      heldBack,
      waiting: queue.waiting(),
      inFlight: queue.inFlight(),
      inFlightTokens: flights.tokens(),
      unfinished: queue.unfinished(),
      isolated: runsIsolated(progress.deaths()),
    }),
    sendNext(engine) {
      const index = queue.take();
      if (index === undefined) return;
      const flight = flightOf(index, engine);
      flights.add(flight);
      void send(flight);
    },
    engineDied(engineStart) {
      const [victim] = takeBack(({ engine }) => engine.engineStart === engineStart).filter(
        ({ sentAtMs }) => sentAtMs !== null,
      );
      // That the server of someone else went away says nothing against a line.
      if (victim === undefined || !isOurs(deps.fleet.engine)) return () => undefined;
      const death = { fence: leased.started.shard.fence, engineStart };
      if (!victim.isolated) return () => chargeDeath(death);
      chargeDeath({ ...death, isolatedIndex: victim.index });
      return () => undefined;
    },
    takeBackHopeless(untilMs) {
      const taken = takeBack(
        ({ sentAtMs }) => sentAtMs !== null && isHopeless(forecast.now(), { sentAtMs, untilMs }),
      );
      if (taken.length > 0) onChange();
    },
  };
}

function flightList() {
  const flights = new Set<Flight>();
  let tokens = 0;
  return {
    all: (): readonly Flight[] => [...flights],
    tokens: (): number => tokens,
    add(flight: Flight): void {
      flights.add(flight);
      tokens += flight.tokens;
    },
    remove(flight: Flight): void {
      flights.delete(flight);
      // Of thousands of sums and differences a rest would stay.
      tokens = flights.size === 0 ? 0 : tokens - flight.tokens;
    },
  };
}

/** Lines that killed the engine too often fail without being sent again. */
function failPoisoned({ leased, progress }: SenderOptions, queue: LineQueue): void {
  for (const index of poisonedLines(progress.deaths())) {
    if (queue.finish(index)) progress.finish(failedLine(leased, index, POISONED));
  }
}
