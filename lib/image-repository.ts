import { RemovalPolicy } from 'aws-cdk-lib';
import { Repository, TagMutability } from 'aws-cdk-lib/aws-ecr';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

export interface ImageRepositoryProps {
  /** The repository and its images outlive the stack. */
  readonly keepData: boolean;
}

/** Room to go back; the images share the layers of the engine, which are nearly all of their bytes. */
const KEPT_IMAGES = 10;

/** Never pushed. ECS shows it where a Task could not pull its image. */
const NO_IMAGE_YET = 'run-image-push-first';

/** Where `npm run image:push` puts the GPU task's image. A tag names the content, so it is never moved. */
export class ImageRepository extends Construct {
  readonly repository: Repository;

  constructor(scope: Construct, id: string, props: ImageRepositoryProps) {
    super(scope, id);
    this.repository = new Repository(this, 'Repository', {
      imageTagMutability: TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      lifecycleRules: [{ maxImageCount: KEPT_IMAGES, description: `Keeps the last ${KEPT_IMAGES} images` }],
      removalPolicy: props.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      emptyOnDelete: !props.keepData,
    });
  }

  /** The image that a profile names; without one, a name that nobody else can have and that is not there. */
  imageOf(agentImage: string | null): string {
    return agentImage ?? this.repository.repositoryUriForTag(NO_IMAGE_YET);
  }

  /** An image that is named by its registry alone brings no permission with it. */
  grantPull(grantee: IGrantable): void {
    this.repository.grantPull(grantee);
  }
}
