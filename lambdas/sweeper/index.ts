import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { sfnExecutions } from '../../adapters/aws/executions.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readCatalogue } from '../../adapters/catalogue.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { sweep } from '../../core/protocol/sweep.ts';
import { stepHandler } from '../step.ts';

const env = readEnvironment(process.env, ['TABLE_NAME', 'LIFECYCLE_MACHINE_ARN', 'SCHEDULER_MACHINE_ARN']);

const ports = {
  records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
  executions: sfnExecutions(new SFNClient(), {
    'batch-lifecycle': env.LIFECYCLE_MACHINE_ARN,
    'fleet-scheduler': env.SCHEDULER_MACHINE_ARN,
  }),
  clock: { nowMs: Date.now },
};
const fleetIds = readCatalogue(import.meta.dirname).fleets.map(({ id }) => id);

export const handler = stepHandler(() => sweep(ports, fleetIds));
