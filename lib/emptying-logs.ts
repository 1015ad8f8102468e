import { CfnResource, type Stack } from 'aws-cdk-lib';
import { type LogSettings, logGroup } from './log-group.ts';

/** As CDK names it in a stack that has a bucket with `autoDeleteObjects`. */
const PROVIDER = 'Custom::S3AutoDeleteObjectsCustomResourceProvider';

/** Gives CDK's function that empties buckets a log group of the stack: by itself it would leave one behind for ever. */
export function keepEmptyingLogs(stack: Stack, settings: LogSettings): void {
  const emptying = stack.node.tryFindChild(PROVIDER)?.node.tryFindChild('Handler');
  if (!CfnResource.isCfnResource(emptying)) throw new Error(`CDK has no function at ${PROVIDER}/Handler.`);
  const logs = logGroup(stack, 'EmptyingLogs', settings);
  emptying.addPropertyOverride('LoggingConfig', { LogGroup: logs.logGroupName });
}
