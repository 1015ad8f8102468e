import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type ChildExit, startChild } from '../processes/child.ts';
import type { FunctionConfig } from './function-config.ts';
import { type InvokeResult, invokeError } from './invoke-result.ts';
import type { Invocation, RuntimeApi } from './runtime-api.ts';

/** Lambda's limit for the init phase, after which it starts again on the function's own time. */
const INIT_LIMIT_MS = 10_000;

const TIMED_OUT = 'Sandbox.Timedout';

const BOOTSTRAP = fileURLToPath(new URL('./bootstrap.mjs', import.meta.url));

export interface ExecutionEnvironmentOptions {
  readonly config: FunctionConfig;
  readonly runtimeApi: RuntimeApi;
  /** Host and port of the server that the Runtime API is part of. */
  readonly address: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

export interface Call {
  readonly payload: string;
  readonly clientContext?: string | undefined;
}

/** One child process of a function, which serves one invocation at a time. */
export interface ExecutionEnvironment {
  /** Resolves when the handler is loaded, with the error where it cannot be. */
  readonly ready: Promise<InvokeResult>;
  readonly isAlive: () => boolean;
  run(call: Call): Promise<InvokeResult>;
  close(): Promise<void>;
}

const READY: InvokeResult = { kind: 'success', payload: null };

/** Starts a child; whatever ends it early (exit, time limit) becomes the result of what it was doing. */
export function startExecutionEnvironment(options: ExecutionEnvironmentOptions): ExecutionEnvironment {
  const { config, runtimeApi, address } = options;
  const ready = Promise.withResolvers<InvokeResult>();
  const mailbox = createMailbox();
  let running: { readonly requestId: string; readonly settle: (result: InvokeResult) => void } | undefined;
  let alive = true;

  const { path, unregister } = runtimeApi.register({
    next() {
      ready.resolve(READY);
      return mailbox.take();
    },
    finish(requestId, result) {
      if (running?.requestId === requestId) running.settle(result);
    },
    failInit: ready.resolve,
  });
  const child = startChild({
    command: [process.execPath, BOOTSTRAP],
    cwd: config.codeDirectory,
    env: { ...options.env, AWS_LAMBDA_RUNTIME_API: address + path },
    onLine: options.onLine,
  });
  const kill = () => {
    alive = false;
    child.killGroup();
  };
  void child.exited.then((exit) => {
    alive = false;
    unregister();
    ready.resolve(exited('init', exit));
    if (running === undefined) return;
    const result = exited(running.requestId, exit);
    if (result.kind === 'error') options.onLine(result.errorMessage);
    running.settle(result);
  });
  void within(INIT_LIMIT_MS + config.timeoutMs, 'init', ready.promise).then((result) => {
    ready.resolve(result);
    if (result.kind === 'error') kill();
  });

  return {
    ready: ready.promise,
    isAlive: () => alive,
    async run(call) {
      const requestId = randomUUID();
      const result = Promise.withResolvers<InvokeResult>();
      running = { requestId, settle: result.resolve };
      if (!alive) result.resolve(exited(requestId, await child.exited));
      const deadlineMs = Date.now() + config.timeoutMs;
      mailbox.put({ ...call, requestId, functionArn: config.arn, deadlineMs });
      const outcome = await within(config.timeoutMs, requestId, result.promise);
      running = undefined;
      if (outcome.kind === 'error' && outcome.errorType === TIMED_OUT) {
        options.onLine(outcome.errorMessage);
        kill();
      }
      return outcome;
    },
    async close() {
      kill();
      await child.exited;
    },
  };
}

/** Holds one invocation until the child asks for it, or the child's question until there is one. */
function createMailbox() {
  let slot = Promise.withResolvers<Invocation>();
  return {
    put: (invocation: Invocation) => slot.resolve(invocation),
    async take(): Promise<Invocation> {
      const invocation = await slot.promise;
      slot = Promise.withResolvers();
      return invocation;
    },
  };
}

async function within(
  limitMs: number,
  requestId: string,
  work: Promise<InvokeResult>,
): Promise<InvokeResult> {
  const limit = Promise.withResolvers<InvokeResult>();
  const seconds = (limitMs / 1000).toFixed(2);
  const message = `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`;
  const timer = setTimeout(() => limit.resolve(invokeError(TIMED_OUT, message)), limitMs);
  const outcome = await Promise.race([work, limit.promise]);
  clearTimeout(timer);
  return outcome;
}

function exited(requestId: string, { code, signal }: ChildExit): InvokeResult {
  const status = signal === null ? `exit status ${code}` : `signal: ${signal}`;
  const reason =
    code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: ${status}`;
  return invokeError('Runtime.ExitError', `RequestId: ${requestId} Error: ${reason}`);
}
