import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** What all logs of a stack share. */
export interface LogSettings {
  readonly retentionDays: RetentionDays;
  /** Null: a key of AWS's own. */
  readonly encryptionKey: IKey | null;
}

/** Logs that go with the stack, and after a time before it. */
export function logGroup(scope: Construct, id: string, settings: LogSettings): LogGroup {
  const { retentionDays, encryptionKey } = settings;
  return new LogGroup(scope, id, {
    retention: retentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
    ...(encryptionKey === null ? {} : { encryptionKey }),
  });
}
