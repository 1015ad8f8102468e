import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECSClient } from '@aws-sdk/client-ecs';
import { SFNClient } from '@aws-sdk/client-sfn';
import { sfnExecutions } from '../../adapters/aws/executions.ts';
import { ecsFleetTasks } from '../../adapters/aws/fleet-tasks.ts';
import { fleetTasksOptions } from '../../adapters/aws/fleet-tasks-environment.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readCatalogue } from '../../adapters/catalogue.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { emfMetrics } from '../../adapters/observability/emf-metrics.ts';
import { sqsHandler } from '../sqs.ts';
import { type Group, handleSignal } from './handler.ts';
import { parseSignal } from './signal.ts';

const env = readEnvironment(process.env, [
  'TABLE_NAME',
  'SCHEDULER_MACHINE_ARN',
  'CLUSTER_ARN',
  'TASK_DEFINITION_ARNS',
  'CAPACITY_PROVIDERS',
  'AUTO_SCALING_GROUPS',
  'VERSION',
  'METRICS_NAMESPACE',
]);
const catalogue = readCatalogue(import.meta.dirname);

const handle = handleSignal({
  records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
  executions: sfnExecutions(new SFNClient(), { 'fleet-scheduler': env.SCHEDULER_MACHINE_ARN }),
  tasks: ecsFleetTasks(new ECSClient(), fleetTasksOptions(env, catalogue)),
  clock: { nowMs: Date.now },
  fleets: catalogue.fleets,
  groups: JSON.parse(env.AUTO_SCALING_GROUPS) as readonly Group[],
  metrics: emfMetrics('signals', env),
});

export const handler = sqsHandler(async (body, log) => {
  const signal = parseSignal(body);
  await handle(signal);
  log('signal', { ...signal });
});
