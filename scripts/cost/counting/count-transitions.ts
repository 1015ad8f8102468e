import { paginateGetExecutionHistory, paginateListExecutions, SFNClient } from '@aws-sdk/client-sfn';
import { deployed } from '../../../local/stack/deployed.ts';
import type { LocalStack } from '../../../local/stack.ts';

/** How many states each machine has entered, which is what Step Functions charges. */
export async function countTransitions({
  endpoints,
  deployment,
}: LocalStack): Promise<Record<string, number>> {
  const client = new SFNClient({
    endpoint: endpoints.sfn,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const counts: Record<string, number> = {};
  for (const { physicalId: stateMachineArn } of deployed(deployment, 'AWS::StepFunctions::StateMachine')) {
    let entered = 0;
    for await (const { executions = [] } of paginateListExecutions({ client }, { stateMachineArn })) {
      for (const { executionArn } of executions) {
        for await (const { events = [] } of paginateGetExecutionHistory({ client }, { executionArn })) {
          entered += events.filter(({ type }) => type?.endsWith('StateEntered')).length;
        }
      }
    }
    counts[stateMachineArn.split(':').at(-1) ?? ''] = entered;
  }
  client.destroy();
  return counts;
}
