import {
  type CloudFormationClient,
  CloudFormationServiceException,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import type { Outputs } from '../../core/doctor/deployment.ts';

/** All outputs of a deployed stack; null where there is no such stack. */
export async function stackOutputs(client: CloudFormationClient, stack: string): Promise<Outputs> {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const outputs = Stacks[0]?.Outputs ?? [];
    return Object.fromEntries(
      outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
  } catch (error) {
    // The code that CloudFormation has for a stack that is not there.
    if (error instanceof CloudFormationServiceException && error.name === 'ValidationError') return null;
    throw error;
  }
}

/** An output of a deployed stack. Throws where there is no such stack or output, and says what to do. */
export async function stackOutput(
  client: CloudFormationClient,
  stack: string,
  output: string,
): Promise<string> {
  const outputs = await stackOutputs(client, stack);
  if (outputs === null) {
    throw new Error(
      `There is no stack ${stack} in this account and region. Deploy it (npm exec -- cdk deploy), or check --stack, AWS_REGION and the credentials.`,
    );
  }
  const value = outputs[output];
  if (value !== undefined) return value;
  throw new Error(`The stack ${stack} has no output ${output}. Deploy it again: npm exec -- cdk deploy`);
}
