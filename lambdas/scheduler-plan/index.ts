import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECSClient } from '@aws-sdk/client-ecs';
import { z } from 'zod';
import { ecsFleetTasks } from '../../adapters/aws/fleet-tasks.ts';
import { fleetTasksOptions } from '../../adapters/aws/fleet-tasks-environment.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readCatalogue } from '../../adapters/catalogue.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { emfMetrics } from '../../adapters/observability/emf-metrics.ts';
import { parseWaits, schedulerInput } from '../scheduler-input.ts';
import { stepHandler } from '../step.ts';
import { planScheduler } from './handler.ts';

const env = readEnvironment(process.env, [
  'TABLE_NAME',
  'CLUSTER_ARN',
  'TASK_DEFINITION_ARNS',
  'CAPACITY_PROVIDERS',
  'LOOP_WAITS_SECONDS',
  'VERSION',
  'METRICS_NAMESPACE',
]);
const logger = new Logger();
const catalogue = readCatalogue(import.meta.dirname);

export const handler = stepHandler(
  planScheduler({
    records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
    tasks: ecsFleetTasks(new ECSClient(), fleetTasksOptions(env, catalogue)),
    clock: { nowMs: Date.now },
    waitsMs: parseWaits(env.LOOP_WAITS_SECONDS),
    ...catalogue,
    metrics: emfMetrics('scheduler-plan', env),
    log: (message, fields) => logger.info(message, { ...fields }),
    warn: (message, fields) => logger.warn(message, { ...fields }),
  }),
  { schema: schedulerInput.extend({ iteration: z.number().int().nonnegative() }), logger },
);
