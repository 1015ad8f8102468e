import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Deployment, Resource } from '../template/deployment.ts';
import { ASYNC_RETRY_DELAYS_MS, type AsyncInvocations, createAsyncInvocations } from './async-invocation.ts';
import { childEnvironment } from './child-environment.ts';
import { startExecutionEnvironment } from './execution-environment.ts';
import { functionConfig, functionNameOf } from './function-config.ts';
import { createFunctionPool, type FunctionPool } from './function-pool.ts';
import { handleInvoke, type InvokeCall } from './invoke-endpoint.ts';
import { type InvokeResult, invokeError } from './invoke-result.ts';
import { refuseTooLarge } from './payload-limits.ts';
import { createRuntimeApi } from './runtime-api.ts';

export interface LambdaRunner {
  /** Serves Lambda's Invoke operation, so that it can be an AWS_ENDPOINT_URL_LAMBDA. */
  readonly url: string;
  /** A sync call gives the function's answer; an async one gives null once it is accepted. Never rejects. */
  invoke(functionNameOrArn: string, payload: unknown, mode?: 'sync' | 'async'): Promise<InvokeResult>;
  /** Starts one child ahead of the first call. Throws if the function cannot be loaded. */
  warm(functionName: string): Promise<void>;
  close(): Promise<void>;
}

export interface LambdaRunnerOptions {
  readonly deployment: Deployment;
  /** Credentials and AWS_ENDPOINT_URL_* for every function. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onLog: (functionName: string, line: string) => void;
  /** @default 0 - a free one */
  readonly port?: number;
  /** Children that one function may have. @default 4 */
  readonly maxChildrenPerFunction?: number;
  /** @default - one minute, then two */
  readonly asyncRetryDelaysMs?: readonly number[];
}

/** Runs the functions of a deployment as child processes that speak the Lambda Runtime API. */
export async function startLambdaRunner(options: LambdaRunnerOptions): Promise<LambdaRunner> {
  const runtimeApi = createRuntimeApi();
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });
  // A child waits for its next invocation for as long as there is none.
  server.requestTimeout = 0;
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  const pools = openPools(options, (resource) => {
    const { deployment, onLog } = options;
    const config = functionConfig(deployment, resource);
    return createFunctionPool({
      maxChildren: options.maxChildrenPerFunction ?? 4,
      reservedConcurrency: config.reservedConcurrency,
      start: () =>
        startExecutionEnvironment({
          config,
          runtimeApi,
          address,
          env: childEnvironment(config, deployment.environment.region, options.environment),
          onLine: (line) => onLog(config.name, line),
        }),
    });
  });
  const events = createAsyncInvocations(options.asyncRetryDelaysMs ?? ASYNC_RETRY_DELAYS_MS, () => undefined);
  const call = createCall(pools.find, events);
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    if (!(await runtimeApi.handle(request, response))) await handleInvoke(request, response, call);
  };
  return {
    url: `http://${address}`,
    invoke: (nameOrArn, payload, mode = 'sync') =>
      call(nameOrArn, { payload: JSON.stringify(payload ?? null) }, mode),
    async warm(functionName) {
      const result = await pools.find(functionName)?.warm();
      if (result === undefined) throw new Error(`There is no function ${functionName}.`);
      if (result.kind === 'error') {
        throw new Error(`${functionName} does not start: ${result.errorType}: ${result.errorMessage}`);
      }
    },
    async close() {
      events.close();
      await pools.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function createCall(
  find: (nameOrArn: string) => FunctionPool | undefined,
  events: AsyncInvocations,
): InvokeCall {
  return async (nameOrArn, call, mode) => {
    const refused = refuseTooLarge(Buffer.byteLength(call.payload), mode);
    if (refused !== undefined) return refused;
    try {
      const pool = find(nameOrArn);
      if (pool === undefined) {
        return invokeError('ResourceNotFoundException', `Function not found: ${nameOrArn}`);
      }
      if (mode === 'sync') return await pool.invoke(call, mode);
      events.start(() => pool.invoke(call, mode));
      return { kind: 'success', payload: null };
    } catch (error) {
      return invokeError('ServiceException', (error as Error).message);
    }
  };
}

function openPools({ deployment }: LambdaRunnerOptions, open: (resource: Resource) => FunctionPool) {
  const resources = new Map(
    deployment
      .ofType('AWS::Lambda::Function')
      .map((one) => [deployment.physical(one.logicalId, one.stack), one] as const),
  );
  const pools = new Map<string, FunctionPool>();
  return {
    /** Throws if the function is there but not one that can be run. */
    find(nameOrArn: string): FunctionPool | undefined {
      const name = functionNameOf(nameOrArn);
      const resource = resources.get(name);
      if (resource === undefined) return undefined;
      const pool = pools.get(name) ?? open(resource);
      pools.set(name, pool);
      return pool;
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}
