import type { Call, ExecutionEnvironment } from './execution-environment.ts';
import { type InvokeResult, invokeError } from './invoke-result.ts';

export interface FunctionPool {
  /** Beyond the reserved concurrency a sync call is refused; an async one waits, as its queue on AWS does. */
  invoke(call: Call, mode: 'sync' | 'async'): Promise<InvokeResult>;
  /** Resolves when one child has loaded the handler. */
  warm(): Promise<InvokeResult>;
  close(): Promise<void>;
}

export interface FunctionPoolOptions {
  readonly start: () => ExecutionEnvironment;
  readonly maxChildren: number;
  /** ReservedConcurrentExecutions; undefined where the function shares the account's concurrency. */
  readonly reservedConcurrency: number | undefined;
}

/** Keeps a function's children: one invocation each, more of them as calls overlap, idle ones kept. */
export function createFunctionPool(options: FunctionPoolOptions): FunctionPool {
  const maxChildren = Math.min(options.maxChildren, options.reservedConcurrency ?? Number.POSITIVE_INFINITY);
  const all = new Set<ExecutionEnvironment>();
  const idle: ExecutionEnvironment[] = [];
  const waiting: ((environment: ExecutionEnvironment | undefined) => void)[] = [];
  let callsInFlight = 0;
  let closed = false;

  const start = () => {
    const environment = options.start();
    all.add(environment);
    return environment;
  };
  const acquire = (): Promise<ExecutionEnvironment | undefined> | ExecutionEnvironment | undefined => {
    if (closed) return undefined;
    for (let found = idle.pop(); found !== undefined; found = idle.pop()) {
      if (found.isAlive()) return found;
      all.delete(found);
    }
    return all.size < maxChildren ? start() : new Promise((resolve) => waiting.push(resolve));
  };
  const release = (environment: ExecutionEnvironment) => {
    if (!environment.isAlive()) all.delete(environment);
    if (closed) return;
    const next = waiting.shift();
    if (next !== undefined) next(environment.isAlive() ? environment : start());
    else if (environment.isAlive()) idle.push(environment);
  };
  const use = async (work: (environment: ExecutionEnvironment) => Promise<InvokeResult>) => {
    const environment = await acquire();
    if (environment === undefined) return invokeError('ServiceException', 'The function runner is closed.');
    try {
      const ready = await environment.ready;
      return ready.kind === 'error' ? ready : await work(environment);
    } finally {
      release(environment);
    }
  };
  return {
    async invoke(call, mode) {
      const limit = options.reservedConcurrency ?? Number.POSITIVE_INFINITY;
      if (limit === 0 || (mode === 'sync' && callsInFlight >= limit)) {
        return invokeError('TooManyRequestsException', 'Rate Exceeded.');
      }
      callsInFlight += 1;
      try {
        return await use((environment) => environment.run(call));
      } finally {
        callsInFlight -= 1;
      }
    },
    warm: () => use((environment) => environment.ready),
    async close() {
      closed = true;
      for (const refuse of waiting.splice(0)) refuse(undefined);
      await Promise.all([...all].map((environment) => environment.close()));
    },
  };
}
