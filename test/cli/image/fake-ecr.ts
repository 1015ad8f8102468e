import { onTestFinished } from 'vitest';
import { RefusedCall } from '../../../local/aws-json/refused-call.ts';
import { serveAwsJson } from '../../../local/aws-json/server.ts';

export const ACCOUNT = '123456789012';
export const REGISTRY = `${ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com`;
export const REPOSITORY = `${REGISTRY}/slackline-images`;
export const DIGEST = `sha256:${'d'.repeat(64)}`;

/** Amazon ECR with one repository; `has` answers whether a tag of it is there. */
export async function fakeEcr(has: (tag: string) => boolean) {
  const server = await serveAwsJson({
    targetPrefix: 'AmazonEC2ContainerRegistry_V20150921',
    operations: {
      GetAuthorizationToken: () => ({
        authorizationData: [
          { authorizationToken: Buffer.from('AWS:ecr-password').toString('base64'), proxyEndpoint: '' },
        ],
      }),
      DescribeImages: ({ registryId, repositoryName, imageIds }) => {
        if (registryId !== ACCOUNT || repositoryName !== 'slackline-images') {
          throw new RefusedCall('RepositoryNotFoundException', 'The repository does not exist.');
        }
        const [{ imageTag = '' } = {}] = imageIds as { imageTag?: string }[];
        if (!has(imageTag)) throw new RefusedCall('ImageNotFoundException', 'The image does not exist.');
        return { imageDetails: [{ imageDigest: DIGEST, imageTags: [imageTag] }] };
      },
    },
  });
  onTestFinished(() => server.close());
  return server.url;
}
