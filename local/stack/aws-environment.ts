import type { Credentials } from '../s3/signature/verify.ts';
import type { Ports } from './ports.ts';

export interface AwsEnvironmentOptions {
  readonly region: string;
  readonly credentials: Credentials;
  readonly ports: Ports;
}

export function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** What makes an AWS SDK talk to this stack and to nothing else. */
export function awsEnvironment({
  region,
  credentials,
  ports,
}: AwsEnvironmentOptions): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_S3: urlOf(ports.s3),
    AWS_ENDPOINT_URL_DYNAMODB: urlOf(ports.dynamodb),
    AWS_ENDPOINT_URL_SQS: urlOf(ports.sqs),
    AWS_ENDPOINT_URL_SFN: urlOf(ports.sfn),
    AWS_ENDPOINT_URL_ECS: urlOf(ports.ecs),
    AWS_ENDPOINT_URL_AUTO_SCALING: urlOf(ports.autoscaling),
    AWS_ENDPOINT_URL_EVENTBRIDGE: urlOf(ports.events),
    AWS_ENDPOINT_URL_LAMBDA: urlOf(ports.lambda),
    AWS_XRAY_CONTEXT_MISSING: 'IGNORE_ERROR',
  };
}
