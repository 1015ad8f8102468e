import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECSClient } from '@aws-sdk/client-ecs';
import { awsGpuInstances } from '../../adapters/aws/gpu-instances.ts';
import { gpuInstancesOptions } from '../../adapters/aws/gpu-instances-environment.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readCatalogue } from '../../adapters/catalogue.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { stepHandler } from '../step.ts';
import { keepInstances } from './handler.ts';

const env = readEnvironment(process.env, [
  'TABLE_NAME',
  'CLUSTER_ARN',
  'CAPACITY_PROVIDERS',
  'AUTO_SCALING_GROUPS',
]);

export const handler = stepHandler(
  keepInstances({
    records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
    instances: awsGpuInstances(
      { ecs: new ECSClient(), autoScaling: new AutoScalingClient() },
      gpuInstancesOptions(env, readCatalogue(import.meta.dirname)),
    ),
    clock: { nowMs: Date.now },
  }),
);
