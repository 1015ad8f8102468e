import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { EnvironmentName } from '../core/environment.ts';
import type { Fleet } from '../core/fleet/catalogue.ts';
import { adapterFolders, COMPILE_CACHE, compileCacheFolder, weightsFolders } from '../core/models/layout.ts';
import { acknowledge } from './acknowledge.ts';
import { bucketEncryption } from './bucket-encryption.ts';
import { allowKeyUse } from './data-key.ts';
import { NO_ACCESS_LOGS } from './no-access-logs.ts';
import { allow } from './permission.ts';

export interface ModelStoreProps {
  /** The bucket outlives the stack. */
  readonly keepData: boolean;
  /** Null: a key of AWS's own. */
  readonly encryptionKey: IKey | null;
}

/** Kernels are compiled anew in minutes, and S3 cannot tell when an object was last read: so they go by age. */
const COMPILE_CACHE_LIFE = Duration.days(90);

/**
 * Weights, adapters and compiled kernels. A bucket of its own: no tenant's bytes, and Tasks may read all of their
 * Fleet's. Without versions: a key names its commit, and what it holds can be pulled again.
 */
export class ModelStore extends Construct {
  readonly bucket: Bucket;
  private readonly encryptionKey: IKey | null;

  constructor(scope: Construct, id: string, props: ModelStoreProps) {
    super(scope, id);
    this.encryptionKey = props.encryptionKey;
    this.bucket = new Bucket(this, 'Bucket', {
      ...bucketEncryption(props.encryptionKey),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy: props.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      autoDeleteObjects: !props.keepData,
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(2) },
        { prefix: COMPILE_CACHE, expiration: COMPILE_CACHE_LIFE },
      ],
    });
    acknowledge(this.bucket, { 'AwsSolutions-S1': NO_ACCESS_LOGS });
  }

  get environment(): Partial<Record<EnvironmentName, string>> {
    return { MODEL_BUCKET_NAME: this.bucket.bucketName };
  }

  /** Reads the weights and adapters of one Fleet. */
  grantReadModel(grantee: IGrantable, fleet: Fleet): void {
    const adapters = fleet.adapters.filter(({ source }) => source === 'bucket');
    const folders = [weightsFolders(fleet.id), ...adapters.map(({ id }) => adapterFolders(id))];
    this.allow(grantee, ['s3:GetObject'], folders);
  }

  /** Reads and writes the compiled kernels of one Fleet. */
  grantCompileCache(grantee: IGrantable, fleetId: string): void {
    this.allow(grantee, ['s3:GetObject', 's3:PutObject'], [compileCacheFolder(fleetId)]);
  }

  private allow(grantee: IGrantable, actions: string[], folders: readonly string[]): void {
    const resources = folders.map((folder) => this.bucket.arnForObjects(`${folder}*`));
    const because = 'Commits and cache keys come at run time; the folder is fixed.';
    allow(grantee, { actions, resources, because });
    const writes = actions.includes('s3:PutObject');
    allowKeyUse(grantee, { encryptionKey: this.encryptionKey, via: ['s3'], writes });
    // Without it S3 answers 403, not 404, for a key that is not there; no condition on keys holds for such a request.
    allow(grantee, { actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] });
  }
}
