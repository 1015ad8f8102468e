import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, vi } from 'vitest';
import {
  type StepFunctionsOptions,
  type StepFunctionsServer,
  startStepFunctions,
  type TaskOutcome,
} from '../../../local/step-functions/server.ts';
import { type FakeClock, fakeClock, settled } from './fake-clock.ts';

export const LAMBDA = 'arn:aws:states:::lambda:invoke';
export const LAMBDA_TOKEN = 'arn:aws:states:::lambda:invoke.waitForTaskToken';

export function machineArn(name: string): string {
  return `arn:aws:states:eu-west-1:000000000000:stateMachine:${name}`;
}

export type Lambda = (payload: never) => TaskOutcome | Promise<TaskOutcome>;

export interface Stack {
  readonly server: StepFunctionsServer;
  readonly client: SFNClient;
  readonly clock: FakeClock;
  /** Registers a definition that asl-validator finds legal. */
  create(name: string, definition: object): void;
  /** Starts an execution and lets it run as far as it can without time passing. */
  start(name: string, input?: unknown, executionName?: string): Promise<string>;
  describe(executionArn: string): Promise<DescribeExecutionCommandOutput>;
  /** Starts an execution that needs no time and returns how it ended. */
  run(name: string, input?: unknown): Promise<DescribeExecutionCommandOutput>;
  history(executionArn: string): Promise<HistoryEvent[]>;
  /** Ends the process's part, as a restart does; the database stays. */
  restart(): Promise<Stack>;
  close(): Promise<void>;
}

export async function startStack(
  lambdas: Record<string, Lambda> = {},
  options: Partial<StepFunctionsOptions> = {},
): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), 'step-functions-'));
  return open(join(folder, 'executions.sqlite'), lambdas, options, () =>
    rmSync(folder, { recursive: true, force: true }),
  );
}

async function open(
  databaseFile: string,
  lambdas: Record<string, Lambda>,
  options: Partial<StepFunctionsOptions>,
  removeFiles: () => void,
): Promise<Stack> {
  const clock = fakeClock();
  const invokeLambda = async (name: string, payload: unknown) => {
    const lambda = lambdas[name];
    if (lambda === undefined) throw new Error(`no function ${name}`);
    return lambda(payload as never);
  };
  const server = await startStepFunctions({
    databaseFile,
    clock,
    random: () => 0.5,
    invokeLambda,
    ...options,
  });
  const client = clientOf(server.url);
  const stop = async () => {
    client.destroy();
    await server.close();
  };
  return {
    ...callsOf(client),
    server,
    client,
    clock,
    create(name, definition) {
      expectLegal(definition);
      server.createStateMachine({ arn: machineArn(name), name, definition: JSON.stringify(definition) });
    },
    async restart() {
      await stop();
      return open(databaseFile, lambdas, options, removeFiles);
    },
    async close() {
      await stop();
      removeFiles();
    },
  };
}

function clientOf(endpoint: string): SFNClient {
  return new SFNClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
}

function callsOf(client: SFNClient): Pick<Stack, 'start' | 'describe' | 'run' | 'history'> {
  const describe: Stack['describe'] = (executionArn) =>
    client.send(new DescribeExecutionCommand({ executionArn }));
  const start: Stack['start'] = async (machine, input = {}, name = undefined) => {
    const stateMachineArn = machineArn(machine);
    const command = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input), name });
    const { executionArn } = await client.send(command);
    await settled();
    return String(executionArn);
  };
  return {
    start,
    describe,
    async run(machine, input) {
      const arn = await start(machine, input);
      return vi.waitUntil(async () => {
        const found = await describe(arn);
        return found.status === 'RUNNING' ? undefined : found;
      });
    },
    async history(executionArn) {
      const found = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
      return found.events ?? [];
    },
  };
}

/** asl-validator ships no types, and writes defaults into what it checks, so it is given a copy. */
function expectLegal(definition: object): void {
  const validate = createRequire(import.meta.url)('asl-validator') as (definition: object) => {
    errorsText(): string;
  };
  expect(validate(structuredClone(definition)).errorsText()).toBe('');
}

export function jsonata(definition: object): object {
  return { QueryLanguage: 'JSONata', ...definition };
}

export function succeed(output: unknown): TaskOutcome {
  return { kind: 'success', output };
}

export function failWith(error: string, cause = ''): TaskOutcome {
  return { kind: 'failure', error, cause };
}

export function typesOf(events: readonly HistoryEvent[]): (string | undefined)[] {
  return events.map((event) => event.type);
}
