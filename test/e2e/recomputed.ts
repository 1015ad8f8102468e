import type { EngineEvent } from './engine-events.ts';

/** An agent that was killed without notice. */
export interface Kill {
  readonly atMs: number;
  /** What Segments held then. */
  readonly held: ReadonlySet<string>;
}

/** A Request that was sent once more than needed. */
export interface Recomputed {
  readonly request: string;
  /** Before the kill; null: it was in flight. */
  readonly answeredBeforeMs: number | null;
  /** Null: no kill explains it. */
  readonly kill: Kill | null;
}

/** An engine ends with its agent, as soon as the kernel has closed the agent's pipes. */
const ENDS_WITHIN_MS = 2000;

/** Every send of a Request but its last, with the kill of its engine's agent that made another necessary. */
export function recomputed(events: readonly EngineEvent[], kills: readonly Kill[]): readonly Recomputed[] {
  const lastSeen = new Map(events.map(({ pid, atMs }) => [pid, atMs]));
  const sends = events.filter(({ event }) => event === 'sent');
  const last = new Map(sends.map((send) => [send.request, send]));
  return sends
    .filter((send) => last.get(send.request) !== send)
    .map(({ request, pid, atMs }) => {
      const ended = lastSeen.get(pid) ?? atMs;
      const kill = kills.find((each) => each.atMs >= atMs && ended <= each.atMs + ENDS_WITHIN_MS) ?? null;
      const answer = events.find(
        (event) => event.event === 'answered' && event.pid === pid && event.request === request,
      );
      const answeredBeforeMs = answer === undefined || kill === null ? null : kill.atMs - answer.atMs;
      return { request, answeredBeforeMs, kill };
    });
}
