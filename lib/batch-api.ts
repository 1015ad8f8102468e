import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  type CfnMethod,
  Cors,
  EndpointType,
  type IAuthorizer,
  IdentitySource,
  LambdaIntegration,
  LogGroupLogDestination,
  RequestAuthorizer,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { ApiFirewall } from './api-firewall.ts';
import { addGatewayErrors } from './gateway-errors.ts';
import { type LogSettings, logGroup } from './log-group.ts';
import type { Profile } from './profile.ts';
import { slacklineMetric } from './slackline-metric.ts';
import { acknowledgeUntraced } from './untraced.ts';

export interface BatchApiFunctions {
  readonly authorizer: IFunction;
  readonly files: IFunction;
  readonly uploads: IFunction;
  readonly batches: IFunction;
}

export interface BatchApiProps {
  readonly functions: BatchApiFunctions;
  readonly logs: LogSettings;
  readonly throttle: Profile['throttle'];
  /** Null: no web ACL stands before it. */
  readonly waf: Profile['waf'];
  /** Whether X-Ray gets traces. */
  readonly tracing: boolean;
}

/** A revoked key lives on for this long. */
const KEY_CACHE = Duration.minutes(1);
/** Of its metrics. */
const PERIOD = Duration.minutes(5);

/** No body, no header and no query: those may hold prompts and secrets. The route, not the path, as it has no ids. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  tenant: '$context.authorizer.tenant',
  method: '$context.httpMethod',
  route: '$context.resourcePath',
  status: '$context.status',
  error: '$context.error.responseType',
  latencyMs: '$context.responseLatency',
  responseBytes: '$context.responseLength',
};

const REASONS = {
  'AwsSolutions-APIG2':
    'The functions validate every field, so that a 400 names it as OpenAI’s does; the gateway’s own would not.',
  'AwsSolutions-APIG6':
    'Execution logs may hold headers, in a group that is kept for ever. Access logs and those of the functions say what went wrong.',
  'AwsSolutions-COG4': 'OpenAI’s clients send API keys, which the authorizer knows by their hashes.',
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
    'The role is the account’s, for the access logs of all its APIs, and AWS says what that takes.',
};

/** The OpenAI-compatible REST API: each route to its function, each caller known by its key. */
export class BatchApi extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, props: BatchApiProps) {
    super(scope, id);
    const { functions } = props;
    const authorizer = new RequestAuthorizer(this, 'Authorizer', {
      handler: functions.authorizer,
      identitySources: [IdentitySource.header('Authorization')],
      resultsCacheTtl: KEY_CACHE,
    });
    this.api = this.restApi(props, authorizer);
    this.guard(props.waf);
    addGatewayErrors(this.api);
    const routes: Readonly<Record<string, IFunction>> = {
      'GET /v1/version': functions.batches,
      'GET /v1/models': functions.batches,
      'POST /v1/files': functions.files,
      'GET /v1/files': functions.files,
      'GET /v1/files/{file_id}': functions.files,
      'DELETE /v1/files/{file_id}': functions.files,
      'GET /v1/files/{file_id}/content': functions.files,
      'POST /v1/uploads': functions.uploads,
      'POST /v1/uploads/{upload_id}/parts': functions.uploads,
      'POST /v1/uploads/{upload_id}/complete': functions.uploads,
      'POST /v1/uploads/{upload_id}/cancel': functions.uploads,
      'POST /v1/batches': functions.batches,
      'GET /v1/batches': functions.batches,
      'GET /v1/batches/{batch_id}': functions.batches,
      'GET /v1/batches/{batch_id}/manifest': functions.batches,
      'POST /v1/batches/{batch_id}/cancel': functions.batches,
    };
    for (const [route, fn] of Object.entries(routes)) {
      const [method = '', path = ''] = route.split(' ');
      this.api.root
        .resourceForPath(path)
        .addMethod(method, new LambdaIntegration(fn, { allowTestInvoke: false }));
    }
    this.readPreflightsAsText();
  }

  metricRequests(): Metric {
    return this.api.metricCount({ period: PERIOD });
  }

  metricClientErrors(): Metric {
    return this.api.metricClientError({ period: PERIOD, statistic: Stats.SUM });
  }

  metricServerErrors(): Metric {
    return this.api.metricServerError({ period: PERIOD, statistic: Stats.SUM });
  }

  metricsLatency(): Metric[] {
    return ['p50', 'p99'].map((statistic) => this.api.metricLatency({ period: PERIOD, statistic }));
  }

  metricBatchesCreated(): Metric {
    return slacklineMetric(this, 'BatchesCreated', { service: 'batches-api', period: PERIOD });
  }

  /** With every media type binary, a mock integration cannot read its own request template otherwise. */
  private readPreflightsAsText(): void {
    for (const { httpMethod, node } of this.api.methods) {
      if (httpMethod !== 'OPTIONS') continue;
      const preflight = node.defaultChild as CfnMethod;
      preflight.addPropertyOverride('Integration.ContentHandling', 'CONVERT_TO_TEXT');
    }
  }

  private guard(waf: Profile['waf']): void {
    const stage = this.api.deploymentStage;
    if (waf === null) acknowledge(stage, { 'AwsSolutions-APIG3': 'The profile does without a web ACL.' });
    else new ApiFirewall(this, 'Firewall', { ...waf, stageArn: stage.stageArn });
  }

  private restApi({ logs, throttle, tracing }: BatchApiProps, authorizer: IAuthorizer): RestApi {
    const accessLogs = logGroup(this, 'AccessLogs', logs);
    const api = new RestApi(this, 'Api', {
      // A dimension of its metrics: those of two stacks must not be added up.
      restApiName: Stack.of(this).stackName,
      description: 'Slackline: an OpenAI-compatible batch API',
      endpointTypes: [EndpointType.REGIONAL],
      // Access logs need a role in the account's settings, which other APIs of the region use too: it stays.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      // Files come as multipart and leave as they are.
      binaryMediaTypes: ['*/*'],
      defaultMethodOptions: { authorizer },
      defaultCorsPreflightOptions: {
        allowOrigins: Cors.ALL_ORIGINS,
        // The wildcard covers every header but this one (Fetch standard).
        allowHeaders: ['Authorization', '*'],
        allowMethods: Cors.ALL_METHODS,
      },
      deployOptions: {
        stageName: 'api',
        tracingEnabled: tracing,
        // Those of the whole API are free; of each method, each would cost as much as one of our own.
        metricsEnabled: false,
        throttlingRateLimit: throttle.requestsPerSecond,
        throttlingBurstLimit: throttle.burst,
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    acknowledge(api, REASONS);
    if (!tracing) acknowledgeUntraced(api, ['Serverless-APIGWXrayEnabled']);
    return api;
  }
}
