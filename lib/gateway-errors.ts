import { type GatewayResponseOptions, ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { BODY_TOO_LARGE, MAX_BODY_TEXT } from '../core/wire/body-limit.ts';
import { EXPOSED_HEADERS } from '../core/wire/exposed-headers.ts';

interface GatewayError {
  readonly type: ResponseType;
  readonly status: string;
  /** JSON of the message, or API Gateway's own as JSON. */
  readonly message: string;
  readonly errorType: string;
  readonly code: string | null;
}

const OWN_MESSAGE = '$context.error.messageString';
const quoted = (message: string): string => JSON.stringify(message);

/** What API Gateway answers by itself, in the shape that OpenAI's clients read. */
const ERRORS: readonly GatewayError[] = [
  {
    type: ResponseType.UNAUTHORIZED,
    status: '401',
    message: quoted('Missing or incorrect API key. Send it as "Authorization: Bearer <key>".'),
    errorType: 'invalid_request_error',
    code: 'invalid_api_key',
  },
  {
    type: ResponseType.ACCESS_DENIED,
    status: '403',
    message: quoted('This API key may not do that.'),
    errorType: 'invalid_request_error',
    code: null,
  },
  {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    status: '404',
    message: quoted('Invalid URL ($context.httpMethod $context.path)'),
    errorType: 'invalid_request_error',
    code: 'unknown_url',
  },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    status: '413',
    message: quoted(
      `The request body is larger than ${MAX_BODY_TEXT}. Upload large files with POST /v1/uploads: in parts, or by the presigned upload URLs that it answers.`,
    ),
    errorType: 'invalid_request_error',
    code: BODY_TOO_LARGE,
  },
  {
    type: ResponseType.THROTTLED,
    status: '429',
    message: quoted('Too many requests. Try again in a moment.'),
    errorType: 'requests',
    code: 'rate_limit_exceeded',
  },
  {
    type: ResponseType.DEFAULT_4XX,
    status: '400',
    message: OWN_MESSAGE,
    errorType: 'invalid_request_error',
    code: null,
  },
  {
    type: ResponseType.DEFAULT_5XX,
    status: '500',
    message: quoted('The server had an error while processing your request. Try again.'),
    errorType: 'server_error',
    code: null,
  },
];

/** Makes every error of the gateway's own look like the API's. */
export function addGatewayErrors(api: RestApi): void {
  for (const error of ERRORS) api.addGatewayResponse(`Error${error.type.responseType}`, responseOf(error));
}

function responseOf({ type, status, message, errorType, code }: GatewayError): GatewayResponseOptions {
  const keepsStatus = type === ResponseType.DEFAULT_4XX || type === ResponseType.DEFAULT_5XX;
  const error = `{"error":{"message":${message},"type":${quoted(errorType)},"param":null,"code":${JSON.stringify(code)}}}`;
  return {
    type,
    ...(keepsStatus ? {} : { statusCode: status }),
    responseHeaders: {
      'Access-Control-Allow-Origin': "'*'",
      'Access-Control-Expose-Headers': `'${EXPOSED_HEADERS}'`,
      'x-request-id': 'context.requestId',
    },
    templates: { 'application/json': error },
  };
}
