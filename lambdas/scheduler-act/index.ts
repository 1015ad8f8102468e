import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECSClient } from '@aws-sdk/client-ecs';
import { SQSClient } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { ecsFleetTasks } from '../../adapters/aws/fleet-tasks.ts';
import { fleetTasksOptions } from '../../adapters/aws/fleet-tasks-environment.ts';
import { sqsDispatches } from '../../adapters/aws/queues.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readCatalogue } from '../../adapters/catalogue.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { schedulerInput } from '../scheduler-input.ts';
import type { PlanAnswer } from '../scheduler-plan/handler.ts';
import { stepHandler } from '../step.ts';
import { actScheduler } from './handler.ts';

const env = readEnvironment(process.env, [
  'TABLE_NAME',
  'CLUSTER_ARN',
  'TASK_DEFINITION_ARNS',
  'CAPACITY_PROVIDERS',
  'DISPATCH_QUEUE_URLS',
]);
const catalogue = readCatalogue(import.meta.dirname);
const logger = new Logger();
const queueUrls = JSON.parse(env.DISPATCH_QUEUE_URLS) as Record<string, string>;

/** The plan comes from the state before, as our own function made it. */
const plan = z.custom<PlanAnswer>((value) => typeof value === 'object' && value !== null && 'kind' in value);

export const handler = stepHandler(
  actScheduler({
    records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
    tasks: ecsFleetTasks(new ECSClient(), fleetTasksOptions(env, catalogue)),
    dispatches: sqsDispatches(new SQSClient(), queueUrls),
    clock: { nowMs: Date.now },
    fleets: catalogue.fleets,
    log: (message, fields) => logger.info(message, { ...fields }),
    warn: (message, fields) => logger.warn(message, { ...fields }),
  }),
  { schema: schedulerInput.extend({ plan }), logger },
);
