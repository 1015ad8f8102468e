import type { EngineAnswer, EngineClient } from '../../core/agent/ports.ts';
import type { Engine } from '../../gpu-task/engines/engine.ts';

/** A Request that the engine has and has not answered. */
export interface HeldRequest {
  readonly path: string;
  readonly body: string;
  readonly engineStart: number;
  answer(answer?: EngineAnswer): void;
  reset(): void;
}

/** `collapse`: it answers 500 to all that it has and gets, until it is killed, as vLLM does when its EngineCore dies. */
export type FakeAnswer = EngineAnswer | 'reset' | 'die' | 'collapse' | null;

export interface FakeEngine extends Engine {
  readonly connect: () => EngineClient;
  /** Every body that was ever sent, in order. */
  readonly sent: readonly string[];
  /** Requests that wait for an answer. */
  readonly held: readonly HeldRequest[];
  /** Answers what is sent from now on at once; null holds it. */
  respondWith(respond: ((body: string) => FakeAnswer) | null): void;
  /** Answers everything that is held. */
  answerAll(): void;
  die(): void;
  /** What `/metrics` shows from now on; null where there are none; an error is thrown. */
  showMetrics(metrics: (() => string) | null): void;
  /** Later starts fail. */
  breakDown(): void;
  readonly starts: () => number;
  readonly isRunning: () => boolean;
}

const USAGE = {
  prompt_tokens: 7,
  completion_tokens: 5,
  prompt_tokens_details: { cached_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 2 },
};

export const jsonAnswer = (statusCode: number, body: unknown): EngineAnswer => ({
  statusCode,
  body: Buffer.from(JSON.stringify(body)),
});

/** What vLLM answers to a chat completion that has ended for `finish_reason`. */
export const chatAnswer = (finish_reason: string | null = 'stop', content = 'yes'): EngineAnswer =>
  jsonAnswer(200, {
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason }],
    usage: USAGE,
  });

const COLLAPSED = jsonAnswer(500, {
  error: { message: 'EngineCore encountered an issue.', type: 'InternalServerError', param: null, code: 500 },
});

/** An engine in memory that answers when told to. */
export function fakeEngine(): FakeEngine {
  const sent: string[] = [];
  const held: HeldRequest[] = [];
  let respond: ((body: string) => FakeAnswer) | null = null;
  let starts = 0;
  let broken = false;
  let metricsText: (() => string) | null = null;
  let alive: (() => void) | null = null;
  let collapsed = false;

  function die(): void {
    const end = alive;
    alive = null;
    for (const request of [...held]) request.reset();
    end?.();
  }

  function collapse(): void {
    collapsed = true;
    for (const request of [...held]) request.answer(COLLAPSED);
  }

  function send(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<EngineAnswer> {
    const body = Buffer.from(bytes).toString();
    if (alive === null) return Promise.reject(new Error('connect ECONNREFUSED'));
    sent.push(body);
    return new Promise((resolve, reject) => {
      const letGo = (): void => void held.splice(held.indexOf(request), 1);
      const request: HeldRequest = {
        ...{ path, body, engineStart: starts },
        answer(answer = chatAnswer()) {
          letGo();
          resolve(answer);
        },
        reset() {
          letGo();
          reject(new Error('ECONNRESET'));
        },
      };
      held.push(request);
      signal.addEventListener('abort', () => {
        if (held.includes(request)) request.reset();
      });
      const answer = collapsed ? COLLAPSED : (respond?.(body) ?? null);
      if (answer === 'die') die();
      else if (answer === 'collapse') collapse();
      else if (answer === 'reset') request.reset();
      else if (answer !== null) request.answer(answer);
    });
  }

  return {
    sent,
    held,
    die,
    starts: () => starts,
    isRunning: () => alive !== null,
    showMetrics: (text) => {
      metricsText = text;
    },
    breakDown: () => {
      broken = true;
    },
    respondWith: (next) => {
      respond = next;
    },
    answerAll: () => {
      for (const request of [...held]) request.answer();
    },
    connect: () => ({
      send,
      isHealthy: async () => alive !== null && !collapsed,
      metrics: async () => metricsText?.() ?? null,
      models: async () => null,
      close: async () => undefined,
    }),
    async start() {
      if (broken) throw new Error('The engine was not ready within 1 ms.');
      const engineStart = ++starts;
      collapsed = false;
      const exited = new Promise<void>((resolve) => {
        alive = resolve;
      });
      const address = { origin: 'http://engine', basePath: '/v1' };
      const kill = (): void => {
        if (starts === engineStart) die();
      };
      return { address, engineStart, exited, stop: async () => die(), kill };
    },
  };
}
