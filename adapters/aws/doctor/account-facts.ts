import { GetParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Identity } from '../../../core/doctor/account.ts';

/** Who asks. */
export async function callerIdentity(client: STSClient): Promise<Identity> {
  const { Account = '', Arn = '' } = await client.send(new GetCallerIdentityCommand());
  return { account: Account, arn: Arn };
}

/** The parameter in which `cdk bootstrap` keeps its version, under the qualifier that apps have by default. */
const BOOTSTRAP = '/cdk-bootstrap/hnb659fds/version';

/** Null where the region is not bootstrapped. */
export async function bootstrapVersion(client: SSMClient): Promise<{ readonly version: number | null }> {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: BOOTSTRAP }));
    return { version: Number(Parameter?.Value ?? 0) };
  } catch (error) {
    if (error instanceof ParameterNotFound) return { version: null };
    throw error;
  }
}
