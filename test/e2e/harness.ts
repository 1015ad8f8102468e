import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import OpenAI, { toFile } from 'openai';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { createKey } from '../../cli/create-key.ts';
import { requestOf } from './input.ts';
import { type RunningStack, runStack } from './running-stack.ts';
import { heldIds } from './segments.ts';

export interface HarnessOptions {
  readonly taskEnvironment?: Readonly<Record<string, string>>;
  /** Of `npm start`. @default - the profile `test` on a free port */
  readonly options?: readonly string[];
}

export interface Interruption {
  readonly task: string;
  readonly noticeMs?: number;
  readonly notice?: boolean;
  readonly kill?: boolean;
}

export type Harness = Awaited<ReturnType<typeof startHarness>>;

/** In the harness's folder: what engines tell, see engine-events.ts. */
export const EVENTS_FILE = 'engine-events.jsonl';

const PROFILE = ['--profile', 'test', '--port', '0'];

/** A local stack of its own, as a process, in a folder of its own. */
export async function startHarness({ taskEnvironment = {}, options = PROFILE }: HarnessOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'slackline-e2e-'));
  const data = join(folder, 'data');
  const engineLog = join(folder, 'engine.log');
  const logs = { SIMULATED_ENGINE_LOG: engineLog, SIMULATED_ENGINE_EVENTS: join(folder, EVENTS_FILE) };
  const variables = Object.entries({ ...logs, ...taskEnvironment });
  const args = [...options, ...variables.flatMap(([name, value]) => ['--task-env', `${name}=${value}`])];
  let stack: RunningStack = await runStack(data, args);
  const aws = () => ({ region: 'us-east-1', credentials: credentialsOf(data) });
  const named = (type: string, part = ''): string => {
    const found = stack.state.resources.find((one) => one.type === type && one.logicalId.includes(part));
    if (found === undefined) throw new Error(`The stack has no ${type} with ${part} in its name.`);
    return found.physicalId;
  };
  return {
    folder,
    /** The SDK as users have it; a new one after each start, as the port may change. */
    client: () => {
      const apiKey = readFileSync(join(data, 'api-key'), 'utf8').trim();
      return new OpenAI({ baseURL: stack.state.baseUrl, apiKey, maxRetries: 0 });
    },
    /** The SDK of another tenant, with a new key of its own. */
    async clientOf(tenant: string) {
      const endpoint = stack.state.endpoints['dynamodb'] ?? '';
      const records = dynamoRecords(
        new DynamoDBClient({ endpoint, ...aws() }),
        named('AWS::DynamoDB::Table'),
      );
      const apiKey = await createKey(records, { tenant, name: 'test', nowMs: Date.now() });
      return new OpenAI({ baseURL: stack.state.baseUrl, apiKey, maxRetries: 0 });
    },
    printed: () => stack.printed(),
    /** The Requests that were sent to an engine, each time they were. */
    sent: (): string[] => {
      if (!existsSync(engineLog)) return [];
      const bodies = readFileSync(engineLog, 'utf8').split('\n').filter(Boolean);
      return bodies.map(requestOf);
    },
    held: (batchId: string) =>
      heldIds(
        new S3Client({ endpoint: stack.state.endpoints['s3'] ?? '', ...aws() }),
        named('AWS::S3::Bucket'),
        batchId,
      ),
    tasks: () => runningTasks(stack, named('AWS::ECS::Cluster')),
    /** SIGTERM alone, without a notice. */
    stopTask: (task: string) =>
      ecsOf(stack).send(new StopTaskCommand({ cluster: named('AWS::ECS::Cluster'), task })),
    interruptTask: (interruption: Interruption) => interrupt(stack, interruption),
    sqs: () => new SQSClient({ endpoint: stack.state.endpoints['sqs'] ?? '', ...aws() }),
    queueUrl: (part: string) => named('AWS::SQS::Queue', part),
    kill9: () => stack.kill9(),
    stop: () => stack.stop(),
    /** A second stack on the same folder. */
    startAnother: () => runStack(data, args),
    endpoint: (service: string) => stack.state.endpoints[service],
    /** For a client of one of the stack's services. */
    config: (service: string) => ({ endpoint: stack.state.endpoints[service] ?? '', ...aws() }),
    store: () => ({ table: named('AWS::DynamoDB::Table'), bucket: named('AWS::S3::Bucket', 'Store') }),
    data,
    /** Starts the stack again on the same folder. */
    async restart() {
      stack = await runStack(data, args);
    },
    async close() {
      await stack.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Uploads an input file and creates a Batch of it. */
export async function createBatch(
  client: OpenAI,
  lines: string,
  endpoint: OpenAI.BatchCreateParams['endpoint'] = '/v1/chat/completions',
): Promise<OpenAI.Batch> {
  const file = await client.files.create({
    file: await toFile(Buffer.from(lines), 'in.jsonl'),
    purpose: 'batch',
  });
  return client.batches.create({
    input_file_id: file.id,
    endpoint,
    completion_window: '24h',
  });
}

/** The lines of a File as the user downloads them. */
export async function download(client: OpenAI, fileId: string | null | undefined): Promise<ResultLine[]> {
  if (typeof fileId !== 'string') return [];
  const text = await (await client.files.content(fileId)).text();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ResultLine);
}

export interface ResultLine {
  readonly id: string;
  readonly custom_id: string;
  readonly response: { readonly status_code: number; readonly body: OpenAI.ChatCompletion } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const ecsOf = (stack: RunningStack): ECSClient =>
  new ECSClient({
    endpoint: stack.state.endpoints['ecs'] ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

async function runningTasks(stack: RunningStack, cluster: string): Promise<Task[]> {
  const ecs = ecsOf(stack);
  const { taskArns: tasks = [] } = await ecs.send(new ListTasksCommand({ cluster }));
  if (tasks.length === 0) return [];
  const described = await ecs.send(new DescribeTasksCommand({ cluster, tasks }));
  return (described.tasks ?? []).filter(({ lastStatus }) => lastStatus === 'RUNNING');
}

async function interrupt(stack: RunningStack, interruption: Interruption): Promise<void> {
  const response = await fetch(`${stack.state.endpoints['ecs']}/_local/interrupt`, {
    method: 'POST',
    body: JSON.stringify(interruption),
  });
  if (!response.ok) throw new Error(await response.text());
}

function credentialsOf(data: string): { accessKeyId: string; secretAccessKey: string } {
  return JSON.parse(readFileSync(join(data, 'credentials.json'), 'utf8')) as ReturnType<typeof credentialsOf>;
}
