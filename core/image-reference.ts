/** A repository of Amazon ECR. */
export interface ImageRepositoryName {
  /** As images of it are named: registry and name. */
  readonly uri: string;
  /** The host. */
  readonly registry: string;
  readonly account: string;
  readonly region: string;
  readonly name: string;
}

const ECR_URI =
  /^(?<registry>(?<account>\d{12})\.dkr\.ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.[a-z0-9.-]+)\/(?<name>[a-z0-9][a-z0-9._/-]*)$/;

/** Takes the URI of a private ECR repository apart. Throws for any other text. */
export function parseRepositoryUri(uri: string): ImageRepositoryName {
  const { registry, account, region, name } = ECR_URI.exec(uri)?.groups ?? {};
  if (!registry || !account || !region || !name) {
    throw new Error(
      `${uri} is no repository of Amazon ECR: give <account>.dkr.ecr.<region>.amazonaws.com/<name>, without a tag.`,
    );
  }
  return { uri, registry, account, region, name };
}

/** Whether the name of an image says where it lies. Docker Hub is asked for one that does not: whoever has that name. */
export function namesRegistry(image: string): boolean {
  const [host = ''] = image.split('/');
  return image.includes('/') && /[.:]|^localhost$/.test(host);
}

/** The tag of an image: the same for the same content, so that it is pushed once. */
export const imageTag = (version: string, contentHash: string): string => `${version}-${contentHash}`;
