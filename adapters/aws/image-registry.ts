import {
  DescribeImagesCommand,
  type ECRClient,
  GetAuthorizationTokenCommand,
  ImageNotFoundException,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr';
import type { ImageRepositoryName } from '../../core/image-reference.ts';

export interface RegistryLogin {
  readonly user: string;
  readonly password: string;
}

/** Credentials for the account's registry, good for twelve hours. */
export async function registryLogin(client: ECRClient): Promise<RegistryLogin> {
  const { authorizationData = [] } = await client.send(new GetAuthorizationTokenCommand());
  const token = authorizationData[0]?.authorizationToken ?? '';
  const [user, password] = Buffer.from(token, 'base64').toString().split(':');
  if (!user || !password) throw new Error('Amazon ECR gave no credentials for its registry.');
  return { user, password };
}

/** The digest that a tag stands for; null where there is no such tag. Throws where there is no such repository. */
export async function imageDigest(
  client: ECRClient,
  { account, name, region }: ImageRepositoryName,
  tag: string,
): Promise<string | null> {
  try {
    const { imageDetails = [] } = await client.send(
      new DescribeImagesCommand({
        registryId: account,
        repositoryName: name,
        imageIds: [{ imageTag: tag }],
      }),
    );
    return imageDetails[0]?.imageDigest ?? null;
  } catch (error) {
    if (error instanceof ImageNotFoundException) return null;
    if (!(error instanceof RepositoryNotFoundException)) throw error;
    throw new Error(
      `There is no repository ${name} in ${region} of the account ${account}. Check --repository and the credentials.`,
      { cause: error },
    );
  }
}
