import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import OpenAI from 'openai';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { openApiKey } from '../api-key.ts';
import { buildAgentImage } from '../build/agent-image.ts';
import { openLogFiles } from '../log-files.ts';
import { type LocalStack, startLocalStack } from '../stack.ts';
import { synthesize } from '../synth.ts';

export interface DemoStack {
  readonly openai: OpenAI;
  readonly ecsUrl: string;
  close(): Promise<void>;
}

export interface DemoStackOptions {
  /** Holds data and logs. */
  readonly folder: string;
  /** Gets every body that a simulated engine is sent, one a line. */
  readonly engineLog: string;
  readonly say: (text: string) => void;
}

/** Starts the local stack with the profile `demo` on free ports, and a client that has a key for it. */
export async function startDemoStack({ folder, engineLog, say }: DemoStackOptions): Promise<DemoStack> {
  const onSynth = () => say('Synthesizing the CDK app: some seconds, and only after a change.');
  const [assembly, imageRoot] = await Promise.all([
    synthesize({ profile: 'demo', onSynth }),
    buildAgentImage(),
  ]);
  const logs = openLogFiles({ directory: join(folder, 'logs'), onTrouble: say });
  const stack = await startLocalStack({
    assembly,
    imageRoot,
    dataDirectory: join(folder, 'data'),
    taskEnvironment: { SIMULATED_ENGINE_LOG: engineLog },
    onLog: logs.onLog,
  });
  const close = async (): Promise<void> => {
    logs.hush();
    await stack.close();
    logs.close();
  };
  try {
    const apiKey = await openApiKey({
      file: join(folder, 'api-key'),
      records: recordsOf(stack),
      nowMs: Date.now(),
    });
    const openai = new OpenAI({ baseURL: `${stack.gatewayUrl}/v1`, apiKey });
    return { openai, ecsUrl: stack.endpoints.ecs, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function recordsOf({ outputs, endpoints, environment }: LocalStack) {
  const { TableName } = outputs;
  const { AWS_REGION: region, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = environment;
  if (TableName === undefined || region === undefined) throw new Error('The app has no output TableName.');
  const credentials = {
    accessKeyId: AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
  };
  return dynamoRecords(new DynamoDBClient({ endpoint: endpoints.dynamodb, region, credentials }), TableName);
}
