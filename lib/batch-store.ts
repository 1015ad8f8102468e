import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, type IGrantable, type IPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  HttpMethods,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { EnvironmentName } from '../core/environment.ts';

export interface BatchStoreProps {
  /** Bucket and table outlive the stack. */
  readonly keepData: boolean;
}

/** Where everything is kept: one table for the records, one bucket for the bytes. */
export class BatchStore extends Construct {
  readonly table: Table;
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: BatchStoreProps) {
    super(scope, id);
    const removalPolicy = props.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      timeToLiveAttribute: 'ttl',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: props.keepData },
      removalPolicy,
    });
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy,
      // Browsers upload by presigned URL from any page that has one; the URL is the permission.
      cors: [
        {
          allowedMethods: [HttpMethods.GET, HttpMethods.PUT, HttpMethods.HEAD],
          allowedOrigins: ['*'],
          allowedHeaders: ['*'],
          exposedHeaders: ['ETag'],
          maxAge: 3000,
        },
      ],
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(2) }],
    });
  }

  get environment(): Partial<Record<EnvironmentName, string>> {
    return { TABLE_NAME: this.table.tableName, BUCKET_NAME: this.bucket.bucketName };
  }

  /** Reads an API key's record, nothing else. */
  grantReadApiKeys(grantee: IGrantable): void {
    allow(grantee, ['dynamodb:GetItem'], [this.table.tableArn], {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['KEY#*'] },
    });
  }

  /** Reads and changes records of all kinds. */
  grantRecords(grantee: IGrantable): void {
    const actions = ['GetItem', 'PutItem', 'DeleteItem', 'Query', 'ConditionCheckItem'];
    allow(
      grantee,
      actions.map((action) => `dynamodb:${action}`),
      [this.table.tableArn],
    );
  }

  /** Reads, writes and deletes tenants' objects, and lists them. */
  grantTenantObjects(grantee: IGrantable): void {
    const actions = [
      'GetObject',
      'PutObject',
      'DeleteObject',
      'AbortMultipartUpload',
      'ListMultipartUploadParts',
    ];
    allow(
      grantee,
      actions.map((action) => `s3:${action}`),
      [this.bucket.arnForObjects('tenants/*')],
    );
    // Without it S3 answers 403, not 404, for a key that is not there; no key condition holds for such a request.
    allow(grantee, ['s3:ListBucket'], [this.bucket.bucketArn]);
  }

  /** What an agent may do: lease Shards, read them, put and list Segments. No input, no output, no deletion. */
  grantLeaseShards(grantee: IGrantable): void {
    allow(grantee, ['dynamodb:GetItem', 'dynamodb:PutItem'], [this.table.tableArn], {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['T#*#BATCH#*'] },
    });
    const objects = (folder: string) => this.bucket.arnForObjects(`tenants/*/batches/*/${folder}/*`);
    allow(grantee, ['s3:GetObject'], [objects('shards'), objects('segments')]);
    allow(grantee, ['s3:PutObject'], [objects('segments')]);
    const segments = { StringLike: { 's3:prefix': ['tenants/*/batches/*/segments/*'] } };
    allow(grantee, ['s3:ListBucket'], [this.bucket.bucketArn], segments);
  }
}

function allow(
  grantee: IGrantable,
  actions: string[],
  resources: string[],
  conditions: Record<string, Record<string, string[]>> = {},
): void {
  const principal: IPrincipal = grantee.grantPrincipal;
  principal.addToPrincipalPolicy(
    new PolicyStatement({ effect: Effect.ALLOW, actions, resources, conditions }),
  );
}
