import type { Secret } from 'aws-cdk-lib/aws-ecs';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Fleet } from '../core/fleet/catalogue.ts';
import { readSecret } from '../core/fleet/secret-arn.ts';

/** What an engine gets by reference, by the names in its environment. */
export function engineSecrets({ engine }: Fleet): Readonly<Record<string, Secret>> {
  const secrets = engine.kind === 'vllm' ? (engine.secrets ?? {}) : {};
  return Object.fromEntries(Object.entries(secrets).map(([name, arn]) => [name, secretOf(arn)]));
}

/** CDK's own lets the execution role describe secrets too, and read the history of parameters. */
function secretOf(arn: string): Secret {
  const { action, resource } = readSecret(arn);
  return {
    arn,
    grantRead: (grantee) => Grant.addToPrincipal({ grantee, actions: [action], resourceArns: [resource] }),
  };
}
