import {
  type CloudFormationClient,
  CloudFormationServiceException,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';

/** An output of a deployed stack. Throws where there is no such stack or output, and says what to do. */
export async function stackOutput(
  client: CloudFormationClient,
  stack: string,
  output: string,
): Promise<string> {
  const found = await describe(client, stack);
  const value = found?.Outputs?.find(({ OutputKey }) => OutputKey === output)?.OutputValue;
  if (value !== undefined) return value;
  throw new Error(`The stack ${stack} has no output ${output}. Deploy it again: npm exec -- cdk deploy`);
}

async function describe(client: CloudFormationClient, stack: string) {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    return Stacks[0];
  } catch (error) {
    // The code that CloudFormation has for a stack that is not there.
    if (!(error instanceof CloudFormationServiceException && error.name === 'ValidationError')) throw error;
    throw new Error(
      `There is no stack ${stack} in this account and region. Deploy it (npm exec -- cdk deploy), or check --stack, AWS_REGION and the credentials.`,
      { cause: error },
    );
  }
}
