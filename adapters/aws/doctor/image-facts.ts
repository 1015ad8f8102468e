import { DescribeImagesCommand, type ECRClient, ECRServiceException } from '@aws-sdk/client-ecr';
import type { ImageName } from '../../../core/doctor/deployment.ts';

/** Of an image in ECR whether it is there; of another registry, that it answers. */
export async function hasImage(
  clientIn: (region: string) => ECRClient,
  name: ImageName,
  signal: AbortSignal,
): Promise<boolean> {
  switch (name.kind) {
    case 'ecr':
      return isInEcr(clientIn(name.repository.region), name);
    case 'registry':
      // Any answer will do: a registry asks for a login first.
      await fetch(`https://${name.host}/v2/`, { method: 'HEAD', signal });
      return true;
    case 'no-registry':
      return false;
    default:
      return name satisfies never;
  }
}

async function isInEcr(
  client: ECRClient,
  { repository, reference }: Extract<ImageName, { kind: 'ecr' }>,
): Promise<boolean> {
  const id = reference.startsWith('sha256:') ? { imageDigest: reference } : { imageTag: reference };
  const { account: registryId, name: repositoryName } = repository;
  try {
    await client.send(new DescribeImagesCommand({ registryId, repositoryName, imageIds: [id] }));
    return true;
  } catch (error) {
    if (!(error instanceof ECRServiceException)) throw error;
    if (['ImageNotFoundException', 'RepositoryNotFoundException'].includes(error.name)) return false;
    throw error;
  }
}
