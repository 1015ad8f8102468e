import type { AgentTime, EngineClient } from '../../../core/agent/ports.ts';
import type { Engine } from '../../../gpu-task/engines/engine.ts';
import type { Random } from '../../protocol/random.ts';
import { chatAnswer } from '../fake-engine.ts';

/** A line on its way through an engine, as the engine saw it. */
export interface Send {
  readonly body: string;
  /** Which agent, from 0. */
  readonly agent: number;
  readonly sentAtMs: number;
  /** When it is answered if nobody takes it back. */
  readonly endsAtMs: number;
  answeredAtMs: number | null;
  takenBackAtMs: number | null;
}

export interface TimedEngineOptions {
  /** Of the agent that it belongs to: it dies with it. */
  readonly time: AgentTime;
  readonly random: Random;
  readonly agent: number;
  readonly quickestMs: number;
  readonly onSend: (send: Send) => void;
}

/** An engine whose answers take between once and twice the quickest. */
export function timedEngine(options: TimedEngineOptions): {
  readonly engine: Engine;
  readonly connect: () => EngineClient;
} {
  const { time, random, agent, quickestMs, onSend } = options;
  const nothing = async (): Promise<void> => undefined;

  async function send(_path: string, bytes: Uint8Array, signal: AbortSignal) {
    const body = Buffer.from(bytes).toString();
    const tookMs = random.int(quickestMs, 2 * quickestMs);
    const line: Send = {
      ...{ body, agent, sentAtMs: time.nowMs(), endsAtMs: time.nowMs() + tookMs },
      ...{ answeredAtMs: null, takenBackAtMs: null },
    };
    onSend(line);
    signal.addEventListener('abort', () => {
      line.takenBackAtMs = time.nowMs();
    });
    await time.sleep(tookMs, signal);
    if (signal.aborted) throw new Error('ECONNRESET');
    line.answeredAtMs = time.nowMs();
    return chatAnswer();
  }

  const client: EngineClient = {
    ...{ send, close: nothing },
    isHealthy: async () => true,
    metrics: async () => null,
    models: async () => null,
  };
  const address = { origin: 'http://engine', basePath: '/v1' };
  const exited = new Promise<void>(() => undefined);
  const running = { address, engineStart: 1, exited, stop: nothing, kill: () => undefined };
  return { engine: { start: async () => running }, connect: () => client };
}
