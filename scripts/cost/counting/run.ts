import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import OpenAI from 'openai';
import { dynamoRecords } from '../../../adapters/aws/records.ts';
import { openApiKey } from '../../../local/api-key.ts';
import { buildAgentImage } from '../../../local/build/agent-image.ts';
import type { LogSource } from '../../../local/stack/log-source.ts';
import { type LocalStack, startLocalStack } from '../../../local/stack.ts';
import { synthesize } from '../../../local/synth.ts';
import type { Call } from './call.ts';
import { countTransitions } from './count-transitions.ts';
import { instrument } from './instrumented.ts';
import { runBatch } from './run-batch.ts';

export interface RunOptions {
  /** A file of config/profiles. */
  readonly profile: string;
  readonly lines: number;
  /** Of the line's body. */
  readonly bodyBytes: number;
  readonly maxTokens: number;
  readonly say: (line: string) => void;
}

export interface LogLine {
  readonly source: LogSource;
  readonly line: string;
}

export interface CountedRun {
  readonly calls: readonly Call[];
  /** Polls that are among the calls. */
  readonly polls: number;
  /** States entered, by machine. */
  readonly transitions: Readonly<Record<string, number>>;
  readonly logs: readonly LogLine[];
}

const HOOK = join(import.meta.dirname, 'hook.ts');

/** Runs one Batch on a local stack whose functions and Tasks tell of every call. */
export async function countedRun(options: RunOptions): Promise<CountedRun> {
  const folder = mkdtempSync(join(tmpdir(), 'slackline-cost-'));
  const log = join(folder, 'calls.jsonl');
  writeFileSync(log, '');
  const variables = { NODE_OPTIONS: `--import=${HOOK}`, COST_LOG: log };
  const logs: LogLine[] = [];
  try {
    const assembly = await synthesize({ profile: options.profile });
    const stack = await startLocalStack({
      assembly: instrument(assembly, join(folder, 'assembly'), variables),
      imageRoot: await buildAgentImage(),
      dataDirectory: join(folder, 'data'),
      taskEnvironment: variables,
      onLog: (source, line) => void logs.push({ source, line }),
    });
    try {
      const polls = await runBatch(await clientOf(stack, folder), options);
      const transitions = await countTransitions(stack);
      return { calls: readCalls(log), polls, transitions, logs };
    } finally {
      await stack.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readCalls(log: string): readonly Call[] {
  const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Call);
}

async function clientOf(stack: LocalStack, folder: string): Promise<OpenAI> {
  const client = new DynamoDBClient({
    endpoint: stack.endpoints.dynamodb,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const records = dynamoRecords(client, stack.outputs['TableName'] ?? '');
  const apiKey = await openApiKey({ file: join(folder, 'api-key'), records, nowMs: Date.now() });
  client.destroy();
  return new OpenAI({ baseURL: `${stack.gatewayUrl}/v1`, apiKey });
}
