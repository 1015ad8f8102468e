import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stackOutput } from '../../../adapters/aws/stack-outputs.ts';
import { listen } from '../../../local/aws-json/listen.ts';

/** CloudFormation's query protocol, with one stack that has one output. */
async function cloudFormation(): Promise<CloudFormationClient> {
  const server = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (new URLSearchParams(body).get('StackName') === 'Mine') {
      response.end(`<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>Mine</StackName>
        <Outputs><member><OutputKey>Bucket</OutputKey><OutputValue>mine-1</OutputValue></member></Outputs>
        </member></Stacks></DescribeStacksResult></DescribeStacksResponse>`);
      return;
    }
    response
      .writeHead(400)
      .end(`<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>no such stack</Message>
        </Error></ErrorResponse>`);
  });
  const client = new CloudFormationClient({
    endpoint: server.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  onTestFinished(async () => {
    client.destroy();
    await server.close();
  });
  return client;
}

describe('an output of a stack', () => {
  it('is read from the deployed stack', async () => {
    expect(await stackOutput(await cloudFormation(), 'Mine', 'Bucket')).toBe('mine-1');
  });

  it('that an older deployment lacks asks for a new one', async () => {
    await expect(stackOutput(await cloudFormation(), 'Mine', 'Image')).rejects.toThrow(
      /Mine has no output Image. Deploy it again/,
    );
  });

  it('of no stack says what to check', async () => {
    await expect(stackOutput(await cloudFormation(), 'Other', 'Bucket')).rejects.toThrow(
      /There is no stack Other in this account and region. .*--stack, AWS_REGION/,
    );
  });
});
