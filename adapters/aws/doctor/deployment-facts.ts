import {
  type CloudFormationClient,
  CloudFormationServiceException,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { HeadBucketCommand, HeadObjectCommand, NotFound, type S3Client } from '@aws-sdk/client-s3';
import type { Outputs } from '../../../core/doctor/deployment.ts';

/** Null where there is no such stack. */
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

export async function bucketIsThere(client: S3Client, Bucket: string): Promise<'there' | 'absent'> {
  return (await unlessNotFound(() => client.send(new HeadBucketCommand({ Bucket })))) ? 'there' : 'absent';
}

export const objectIsThere = (client: S3Client, Bucket: string, Key: string): Promise<boolean> =>
  unlessNotFound(() => client.send(new HeadObjectCommand({ Bucket, Key })));

async function unlessNotFound(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    // An answer without a body has no code, but its status.
    if (error instanceof NotFound || (error as Error).name === 'NoSuchBucket') return false;
    throw error;
  }
}
