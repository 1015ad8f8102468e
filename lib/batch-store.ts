import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  HttpMethods,
  type LifecycleRule,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { EnvironmentName } from '../core/environment.ts';
import { OBJECT_ROOTS } from '../core/keys.ts';
import { acknowledge } from './acknowledge.ts';
import { bucketEncryption } from './bucket-encryption.ts';
import { allowKeyUse } from './data-key.ts';
import { NO_ACCESS_LOGS } from './no-access-logs.ts';
import { allow } from './permission.ts';
import {
  objectActions,
  objectPattern,
  recordActions,
  recordConditions,
  type StoreAccess,
} from './store-access.ts';
import { STORE_USERS, type StoreUser } from './store-users.ts';

export interface BatchStoreProps {
  /** Bucket and table outlive the stack, and can be restored as of any moment of the last `backupDays`. */
  readonly keepData: boolean;
  readonly backupDays: number;
  /** Null: keys of AWS's own. */
  readonly encryptionKey: IKey | null;
}

/** Three times the longest completion window: what is left of a run by then, no Batch will read. */
const RUN_OBJECTS_LIFE = Duration.days(90);
/** An Upload lives for an hour. */
const UPLOAD_LIFE = Duration.days(2);

/** Nets: the functions delete sooner, and exactly. What is kept has no age that a rule could go by. */
const LIFECYCLE_RULES: readonly LifecycleRule[] = [
  { id: 'UnfinishedUploads', abortIncompleteMultipartUploadAfter: UPLOAD_LIFE },
  { id: 'UploadParts', prefix: OBJECT_ROOTS.uploads, expiration: UPLOAD_LIFE },
  { id: 'Runs', prefix: OBJECT_ROOTS.runs, expiration: RUN_OBJECTS_LIFE },
];

const endVersionsAfter = (days: number): LifecycleRule => ({
  id: 'OldVersions',
  noncurrentVersionExpiration: Duration.days(days),
  expiredObjectDeleteMarker: true,
});

/** Where everything is kept: one table for the records, one bucket for the bytes. */
export class BatchStore extends Construct {
  readonly table: Table;
  readonly bucket: Bucket;
  private readonly encryptionKey: IKey | null;

  constructor(scope: Construct, id: string, props: BatchStoreProps) {
    super(scope, id);
    const { encryptionKey } = props;
    this.encryptionKey = encryptionKey;
    const removalPolicy = props.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      ...(encryptionKey === null
        ? { encryption: TableEncryption.DEFAULT }
        : { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
      timeToLiveAttribute: 'ttl',
      pointInTimeRecoverySpecification: {
        pointInTimeRecoveryEnabled: props.keepData,
        ...(props.keepData ? { recoveryPeriodInDays: props.backupDays } : {}),
      },
      removalPolicy,
    });
    if (!props.keepData) {
      acknowledge(this.table, { 'AwsSolutions-DDB3': 'The profile keeps no data that one would restore.' });
    }
    this.bucket = new Bucket(this, 'Bucket', {
      ...bucketEncryption(encryptionKey),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy,
      // CloudFormation deletes no bucket that holds something.
      autoDeleteObjects: !props.keepData,
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
      // Without it a table that was restored would name objects that have been deleted since.
      versioned: props.keepData,
      lifecycleRules: [...LIFECYCLE_RULES, ...(props.keepData ? [endVersionsAfter(props.backupDays)] : [])],
    });
    acknowledge(this.bucket, { 'AwsSolutions-S1': NO_ACCESS_LOGS });
  }

  get environment(): Partial<Record<EnvironmentName, string>> {
    return { TABLE_NAME: this.table.tableName, BUCKET_NAME: this.bucket.bucketName };
  }

  /** Reads the records of API keys, and nothing else. */
  grantReadApiKeys = (fn: IGrantable): void => this.grant(fn, 'readApiKeys');
  grantServeFiles = (fn: IGrantable): void => this.grant(fn, 'serveFiles');
  grantServeUploads = (fn: IGrantable): void => this.grant(fn, 'serveUploads');
  grantServeBatches = (fn: IGrantable): void => this.grant(fn, 'serveBatches');
  grantAssessBatches = (fn: IGrantable): void => this.grant(fn, 'assessBatches');
  grantTakeIn = (fn: IGrantable): void => this.grant(fn, 'takeIn');
  grantEnrol = (fn: IGrantable): void => this.grant(fn, 'enrol');
  grantAwaitBatches = (fn: IGrantable): void => this.grant(fn, 'awaitBatches');
  grantCloseBatches = (fn: IGrantable): void => this.grant(fn, 'closeBatches');
  grantFinalizeBatches = (fn: IGrantable): void => this.grant(fn, 'finalizeBatches');
  grantTellBatches = (fn: IGrantable): void => this.grant(fn, 'tellBatches');
  grantPlanFleets = (fn: IGrantable): void => this.grant(fn, 'planFleets');
  grantDispatchShards = (fn: IGrantable): void => this.grant(fn, 'dispatchShards');
  grantKeepLoops = (fn: IGrantable): void => this.grant(fn, 'keepLoops');
  grantRecordReports = (fn: IGrantable): void => this.grant(fn, 'recordReports');
  grantSweep = (fn: IGrantable): void => this.grant(fn, 'sweep');
  grantKeepInstances = (fn: IGrantable): void => this.grant(fn, 'keepInstances');
  /** What an agent may do: lease Shards, read them, put and list Segments. No input, no output, no deletion. */
  grantLeaseShards = (task: IGrantable): void => this.grant(task, 'leaseShards');

  private grant(grantee: IGrantable, user: StoreUser): void {
    const { records = [], objects = [], lists = [], meetsMissing = false }: StoreAccess = STORE_USERS[user];
    for (const access of records) {
      const conditions = recordConditions(access);
      allow(grantee, { actions: recordActions(access), resources: [this.table.tableArn], conditions });
    }
    for (const access of objects) {
      const resources = access.of.map((kind) => this.bucket.arnForObjects(objectPattern(kind)));
      const because = 'Tenants, Batches and Files come at run time; the folder is fixed.';
      allow(grantee, { actions: objectActions(access), resources, because });
    }
    const { encryptionKey } = this;
    const verbs = [...records, ...objects].flatMap(({ may }) => may);
    allowKeyUse(grantee, { encryptionKey, via: ['dynamodb', 's3'], writes: verbs.includes('write') });
    const listing = { actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] };
    // Without it S3 answers 403, not 404, for a key that is not there; no condition on keys holds for such a request.
    if (meetsMissing || lists === 'all') allow(grantee, listing);
    else if (lists.length > 0) {
      const conditions = { StringLike: { 's3:prefix': lists.map(objectPattern) } };
      allow(grantee, { ...listing, conditions });
    }
  }
}
