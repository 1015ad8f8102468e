import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { S3Client } from '@aws-sdk/client-s3';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { apiVersion } from '../adapters/api-version.ts';
import { bootstrapVersion, callerIdentity } from '../adapters/aws/doctor/account-facts.ts';
import { ask } from '../adapters/aws/doctor/ask.ts';
import { ec2Quota, offeredTypes } from '../adapters/aws/doctor/capacity-facts.ts';
import { clockSkew } from '../adapters/aws/doctor/clock-skew.ts';
import { bucketIsThere, objectIsThere } from '../adapters/aws/doctor/deployment-facts.ts';
import { hasImage } from '../adapters/aws/doctor/image-facts.ts';
import { stackOutputs } from '../adapters/aws/stack-outputs.ts';
import { readCheckedProfile } from '../adapters/checked-profile.ts';
import { askCommit } from '../adapters/hub/ask-commit.ts';
import { doctorProgram } from './doctor-program.ts';
import { packageVersion } from './package-version.ts';
import { standardStreams } from './run-program.ts';

/** A network without an answer must not keep anybody waiting; the hub is asked again, but not after this. */
const LIMIT_MS = 10_000;
const CONNECT_MS = 3_000;

const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS, HF_ENDPOINT, SLACKLINE_API_KEY } = process.env;
const ROOT = join(import.meta.dirname, '..');
const signal = AbortSignal.timeout(LIMIT_MS);
// As every command here finds it: in AWS_REGION, or in the profile of AWS's configuration.
const region = await new STSClient().config.region().catch(() => null);
const options = {
  region: region ?? 'us-east-1',
  maxAttempts: 1,
  requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: LIMIT_MS, throwOnRequestTimeout: true },
};
const s3 = new S3Client(options);
const hubUrl = HF_ENDPOINT ?? 'https://huggingface.co';
const sts = AWS_ENDPOINT_URL_STS ?? AWS_ENDPOINT_URL ?? `https://sts.${options.region}.amazonaws.com`;

const doctor = doctorProgram({
  ports: {
    region: async () => region,
    identity: () => ask(() => callerIdentity(new STSClient(options))),
    clock: () => ask(() => clockSkew(sts, { nowMs: Date.now, signal })),
    bootstrap: () => ask(() => bootstrapVersion(new SSMClient(options))),
    offeredTypes: (types) => ask(() => offeredTypes(new EC2Client(options), types)),
    quota: (code) => ask(() => ec2Quota(new ServiceQuotasClient(options), code)),
    outputs: (stack) => ask(() => stackOutputs(new CloudFormationClient(options), stack)),
    image: (name) =>
      ask(() => hasImage((place) => new ECRClient({ ...options, region: place }), name, signal)),
    objectIsThere: (bucket, key) => ask(() => objectIsThere(s3, bucket, key)),
    bucket: (name) => ask(() => bucketIsThere(s3, name)),
    hubCommit: (repository, revision) => ask(() => askCommit(hubUrl, { repository, revision, signal })),
    api: (baseUrl) => ask(() => apiVersion({ baseUrl, apiKey: SLACKLINE_API_KEY || undefined, signal })),
  },
  profile: (name) => readCheckedProfile(join(ROOT, 'config'), name),
  version: packageVersion(),
  ...standardStreams,
});

process.exitCode = await doctor(process.argv.slice(2));
