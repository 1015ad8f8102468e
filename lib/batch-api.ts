import { Duration, RemovalPolicy } from 'aws-cdk-lib';
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
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { addGatewayErrors } from './gateway-errors.ts';

export interface BatchApiFunctions {
  readonly authorizer: IFunction;
  readonly files: IFunction;
  readonly uploads: IFunction;
  readonly batches: IFunction;
}

export interface BatchApiProps {
  readonly functions: BatchApiFunctions;
  readonly logRetentionDays: RetentionDays;
}

/** A revoked key lives on for this long. */
const KEY_CACHE = Duration.minutes(1);

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
    this.api = this.restApi(props.logRetentionDays, authorizer);
    addGatewayErrors(this.api);
    const routes: Readonly<Record<string, IFunction>> = {
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

  /** With every media type binary, a mock integration cannot read its own request template otherwise. */
  private readPreflightsAsText(): void {
    for (const { httpMethod, node } of this.api.methods) {
      if (httpMethod !== 'OPTIONS') continue;
      const preflight = node.defaultChild as CfnMethod;
      preflight.addPropertyOverride('Integration.ContentHandling', 'CONVERT_TO_TEXT');
    }
  }

  private restApi(logRetentionDays: RetentionDays, authorizer: IAuthorizer): RestApi {
    const logs = new LogGroup(this, 'AccessLogs', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new RestApi(this, 'Api', {
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
        tracingEnabled: true,
        metricsEnabled: true,
        accessLogDestination: new LogGroupLogDestination(logs),
        accessLogFormat: AccessLogFormat.jsonWithStandardFields(),
      },
    });
  }
}
