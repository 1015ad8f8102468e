import type { Fleet } from '../core/fleet/catalogue.ts';
import type { Profile } from './profile.ts';

const PRIVATE_REGISTRY = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\//;

/** Throws where Tasks without a way to the internet would look for weights, secrets or their image there. */
export function checkPrivateNetwork(
  { privateNetwork, agentImage }: Profile,
  fleets: readonly Pick<Fleet, 'id' | 'engine'>[],
): void {
  if (!privateNetwork) return;
  const fromHub = fleets.filter(({ engine }) => engine.kind === 'vllm' && engine.weights !== 'bucket');
  if (fromHub.length > 0) {
    const ids = fromHub.map(({ id }) => id).join(', ');
    throw new Error(
      `privateNetwork has no way to the Hugging Face hub, where the weights of ${ids} come from. Run npm run models:pull and set "weights": "bucket" in config/models.`,
    );
  }
  const withSecrets = fleets.filter(({ engine }) => engine.kind === 'vllm' && engine.secrets !== undefined);
  if (withSecrets.length > 0) {
    const ids = withSecrets.map(({ id }) => id).join(', ');
    throw new Error(
      `privateNetwork has no way to Secrets Manager and SSM, where the engine.secrets of ${ids} come from. Weights of the bucket need no token: take engine.secrets away.`,
    );
  }
  if (agentImage !== null && !PRIVATE_REGISTRY.test(agentImage)) {
    throw new Error(
      `privateNetwork reaches only private registries of ECR, but agentImage is ${agentImage}. Run npm run image:push and take what it prints.`,
    );
  }
}
