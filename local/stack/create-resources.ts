import type { DynamoDb } from '../dynamodb/server.ts';
import type { S3Server } from '../s3/server.ts';
import type { Sqs } from '../sqs/server.ts';
import type { StepFunctionsServer } from '../step-functions/server.ts';
import type { Deployment } from '../template/deployment.ts';
import { stateMachineDefinition } from '../template/state-machine-definition.ts';
import { bucketCors } from './bucket-cors.ts';
import { deployed } from './deployed.ts';

/** Makes the buckets, tables and queues of a deployment; those that the data directory holds are left as they are. */
export async function createStores(
  deployment: Deployment,
  stores: { readonly s3: S3Server; readonly dynamodb: DynamoDb; readonly sqs: Sqs },
): Promise<void> {
  for (const bucket of deployed(deployment, 'AWS::S3::Bucket')) {
    stores.s3.createBucket(bucket.physicalId, bucketCors(bucket));
  }
  for (const queue of deployed(deployment, 'AWS::SQS::Queue')) {
    await stores.sqs.createQueue(queue.properties, queue.physicalId.split('/').at(-1) ?? '');
  }
  const tables = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'].flatMap((type) =>
    deployed(deployment, type),
  );
  await Promise.all(tables.map((table) => stores.dynamodb.createTable(table.properties, table.physicalId)));
}

/** Registers the state machines of a deployment. */
export function createStateMachines(deployment: Deployment, sfn: StepFunctionsServer): void {
  for (const machine of deployed(deployment, 'AWS::StepFunctions::StateMachine')) {
    const arn = machine.physicalId;
    const name = arn.split(':').at(-1) ?? arn;
    sfn.createStateMachine({ arn, name, definition: stateMachineDefinition(deployment, machine) });
  }
}
