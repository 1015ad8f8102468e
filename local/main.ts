import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoRecords } from '../adapters/aws/records.ts';
import { openApiKey } from './api-key.ts';
import { buildAgentImage } from './build/agent-image.ts';
import { describeNotEmulated } from './describe-not-emulated.ts';
import { openLogFiles } from './log-files.ts';
import { deployedFleets } from './main/fleets.ts';
import { silentServers } from './main/silent-servers.ts';
import { welcome } from './main/welcome.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { deployed } from './stack/deployed.ts';
import { writeJsonFile } from './stack/json-file.ts';
import { type LocalStack, startLocalStack } from './stack.ts';
import { synthesize } from './synth.ts';

/** Remembered by people; another one is taken where it is not free. */
const FRIENDLY_PORT = 4242;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** The only file of local/ that knows what the app is called and what it keeps where. */
async function main(options: Options): Promise<void> {
  const startedAtMs = performance.now();
  const { dataDirectory, profile, port } = options;
  const onSynth = () => say(`Synthesizing the profile ${profile}: some seconds, and only after a change.`);
  const context = options.engines.length > 0 ? { engine: options.engines } : {};
  const [assembly, imageRoot] = await Promise.all([
    synthesize({ profile, onSynth, context }),
    buildAgentImage(),
  ]);
  const logs = openLogFiles({ directory: join(dataDirectory, 'logs'), onTrouble: say });
  const stack = await startLocalStack({
    assembly,
    imageRoot,
    dataDirectory,
    ...(port === undefined ? { preferredPorts: { gateway: FRIENDLY_PORT } } : { ports: { gateway: port } }),
    taskEnvironment: options.taskEnvironment,
    onLog: logs.onLog,
  });
  const stateFile = join(dataDirectory, 'stack.json');
  stopOnSignal(async () => {
    logs.hush();
    rmSync(stateFile, { force: true });
    await stack.close();
    logs.close();
  });
  const apiKey = await localKey(stack, dataDirectory);
  const baseUrl = `${stack.gatewayUrl}/v1`;
  writeJsonFile(stateFile, stateOf(stack, baseUrl));
  const notEmulated = { count: stack.notEmulated.length, file: join(dataDirectory, 'not-emulated.txt') };
  writeFileSync(notEmulated.file, `${describeNotEmulated(stack.notEmulated)}\n`);
  const fleets = deployedFleets(stack.deployment);
  const silent = await silentServers(fleets);
  const seconds = (performance.now() - startedAtMs) / 1000;
  say(welcome({ baseUrl, apiKey, dataDirectory, seconds, fleets, silent, notEmulated }));
}

function localKey(stack: LocalStack, dataDirectory: string): Promise<string> {
  const { TableName } = stack.outputs;
  if (TableName === undefined) throw new Error('The app has no output TableName to keep an API key in.');
  const { AWS_REGION: region, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY } = stack.environment;
  const client = new DynamoDBClient({
    endpoint: stack.endpoints.dynamodb,
    region: region ?? '',
    credentials: { accessKeyId: accessKeyId ?? '', secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '' },
  });
  const records = dynamoRecords(client, TableName);
  return openApiKey({ file: join(dataDirectory, 'api-key'), records, nowMs: Date.now() });
}

/** For tools of this machine: where everything answers, and what it is called. */
function stateOf({ deployment, endpoints, outputs }: LocalStack, baseUrl: string) {
  const named = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::ECS::Cluster'];
  const resources = named.flatMap((type) =>
    deployed(deployment, type).map(({ logicalId, physicalId }) => ({ type, logicalId, physicalId })),
  );
  return { pid: process.pid, baseUrl, endpoints, outputs, resources };
}

/** The first signal ends everything in order, a second one at once: children end with this process. */
function stopOnSignal(close: () => Promise<void>): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(130);
    stopping = true;
    say('Stopping: tasks write what they have finished. Once more to end at once.');
    close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}

function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) say(USAGE);
  else await main(options);
} catch (error) {
  fail(error);
}
