import type { DeploymentEnvironment } from './environment.ts';
import { NO_VALUE } from './intrinsics.ts';

export const URL_SUFFIX = 'amazonaws.com';

/** True of the names that CloudFormation defines itself, such as AWS::Region. */
export function isPseudoParameter(name: string): boolean {
  return name.startsWith('AWS::');
}

/** The value of a pseudo parameter; an unknown one is an error. */
export function pseudoParameter(name: string, stack: string, environment: DeploymentEnvironment): unknown {
  const { region, accountId, partition } = environment;
  switch (name) {
    case 'AWS::Region':
      return region;
    case 'AWS::AccountId':
      return accountId;
    case 'AWS::Partition':
      return partition;
    case 'AWS::URLSuffix':
      return URL_SUFFIX;
    case 'AWS::StackName':
      return stack;
    case 'AWS::StackId':
      return `arn:${partition}:cloudformation:${region}:${accountId}:stack/${stack}/local`;
    case 'AWS::NotificationARNs':
      return [];
    case 'AWS::NoValue':
      return NO_VALUE;
    default:
      throw new Error(`${name} is not a pseudo parameter that is emulated.`);
  }
}
