import { randomBytes } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { clientLimits } from '../adapters/aws/client-limits.ts';
import { modelFilesClient, s3ModelFiles } from '../adapters/aws/model-files.ts';
import { s3Objects } from '../adapters/aws/objects.ts';
import { sqsHints, sqsReports } from '../adapters/aws/queues.ts';
import { dynamoRecords } from '../adapters/aws/records.ts';
import { httpEngine } from '../adapters/engine/http-client.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { nvidiaSmi } from '../adapters/gpu/nvidia-smi.ts';
import { bootTimeMs } from '../adapters/instance/boot-time.ts';
import { instanceMetadata } from '../adapters/instance/instance-metadata.ts';
import { readTask } from '../adapters/instance/task.ts';
import { emfMetrics } from '../adapters/observability/emf-metrics.ts';
import { eventLoopDelay } from '../adapters/observability/event-loop-delay.ts';
import { fleetSchema } from '../core/fleet/catalogue.ts';
import { adapterFiles } from './agent/adapter-files.ts';
import { runAgent } from './agent/agent.ts';
import { heartbeat } from './agent/heartbeat.ts';
import { stopSignals } from './agent/stop-signals.ts';
import { systemTime } from './agent/time.ts';
import { engineOf } from './engine-of.ts';
import type { EngineAddress } from './engines/engine.ts';
import { powertoolsLog } from './powertools-log.ts';

const INSTANCE_METADATA = 'http://169.254.169.254';
/** Of an engine's output; no line that is longer helps anybody. */
const MAX_LINE_LENGTH = 2000;

const env = readEnvironment(process.env, [
  'VERSION',
  'METRICS_NAMESPACE',
  'TABLE_NAME',
  'BUCKET_NAME',
  'MODEL_BUCKET_NAME',
  'REPORTS_QUEUE_URL',
  'DISPATCH_QUEUE_URL',
  'FLEET',
  'CAPACITY',
]);
const { ECS_CONTAINER_METADATA_URI_V4, AWS_EC2_METADATA_SERVICE_ENDPOINT = INSTANCE_METADATA } = process.env;
const { HEARTBEAT_FILE } = process.env;
if (ECS_CONTAINER_METADATA_URI_V4 === undefined) {
  throw new Error('ECS_CONTAINER_METADATA_URI_V4 is not set: run this as a container of an ECS Task.');
}
const fleet = fleetSchema.parse(JSON.parse(env.FLEET));
const { arn: taskId, ...pull } = await readTask(ECS_CONTAINER_METADATA_URI_V4);
const log = powertoolsLog(
  new Logger({ serviceName: 'gpu-task', persistentKeys: { taskId, fleetId: fleet.id } }),
);
if (HEARTBEAT_FILE !== undefined) heartbeat({ file: HEARTBEAT_FILE, time: systemTime, log });
log.info('The agent starts.', { version: env.VERSION });
const notices = instanceMetadata(AWS_EC2_METADATA_SERVICE_ENDPOINT);
const stops = stopSignals({ time: systemTime, notices, log });
process.on('SIGTERM', stops.terminate).on('SIGINT', stops.terminate);

const sqs = new SQSClient(clientLimits.queues);
const modelFiles = s3ModelFiles(modelFilesClient(), env.MODEL_BUCKET_NAME);
const adapters = adapterFiles(modelFiles, systemTime);
const gpus = nvidiaSmi();
// A load of an adapter may take minutes, and must not keep a Request or a probe waiting.
const connections = fleet.concurrency + fleet.adapters.length;
const connect = (address: EngineAddress) => httpEngine({ ...address, connections });
process.exitCode = await runAgent(
  {
    fleet,
    owner: taskId,
    taskStart: { ...pull, bootedAtMs: await bootTimeMs(), agentStartedAtMs: performance.timeOrigin },
    capacity: env.CAPACITY === 'spot' ? 'spot' : 'on-demand',
    records: dynamoRecords(new DynamoDBClient(clientLimits.records), env.TABLE_NAME),
    objects: s3Objects(new S3Client(clientLimits.objects), env.BUCKET_NAME),
    reports: sqsReports(sqs, env.REPORTS_QUEUE_URL),
    hints: sqsHints(sqs, env.DISPATCH_QUEUE_URL),
    engine: engineOf({
      ...{ fleet, env: process.env, time: systemTime, connect },
      coldStart: { modelFiles, gpus, log },
      onEngineLine: (line) => log.info('The engine prints.', { line: line.slice(0, MAX_LINE_LENGTH) }),
    }),
    adapterFiles: adapters,
    connect,
    gpus,
    eventLoop: eventLoopDelay(),
    metrics: emfMetrics('gpu-task', env),
    time: systemTime,
    log,
    newNonce: () => randomBytes(16).toString('hex'),
    random: Math.random,
  },
  stops,
);
adapters.remove();
// Sockets that are kept alive must not keep the Task.
process.exit();
