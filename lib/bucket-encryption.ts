import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BucketEncryption, type BucketProps } from 'aws-cdk-lib/aws-s3';

/** With the key, or, where it is null, with S3's own. A bucket key asks KMS once for many objects. */
export const bucketEncryption = (encryptionKey: IKey | null): BucketProps =>
  encryptionKey === null
    ? { encryption: BucketEncryption.S3_MANAGED }
    : { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true };
