import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Context } from 'aws-lambda';
import { expect, it } from 'vitest';
import { refuseLargeBody } from '../../lambdas/body-limit.ts';
import { httpHandler } from '../../lambdas/http.ts';
import { addGatewayErrors } from '../../lib/gateway-errors.ts';

interface GatewayResponse {
  readonly ResponseParameters: Readonly<Record<string, string>>;
  readonly ResponseTemplates: Readonly<Record<string, string>>;
}

function gatewayResponses(): Readonly<Record<string, GatewayResponse>> {
  const api = new RestApi(new Stack(new App(), 'Stack'), 'Api');
  api.root.addMethod('GET');
  addGatewayErrors(api);
  const found = Template.fromStack(Stack.of(api)).findResources('AWS::ApiGateway::GatewayResponse');
  return Object.fromEntries(
    Object.values(found).map(({ Properties }) => [Properties.ResponseType as string, Properties]),
  );
}

const RESPONSES = gatewayResponses();
const errorOf = (type: string) =>
  JSON.parse(RESPONSES[type]?.ResponseTemplates['application/json'] ?? '{}').error;

/** What our own functions answer to a body that is too large, and to a route that is not there. */
async function answered(path: string) {
  const event = {
    httpMethod: 'POST',
    path,
    headers: {},
    requestContext: { requestId: 'r', authorizer: { tenant: 't' } },
  };
  const routes = {
    'POST /v1/large': async () => {
      refuseLargeBody(new Uint8Array(4_500_001), '');
      throw new Error('It was not refused.');
    },
  };
  const answer = await httpHandler(routes)(event as never, {} as Context);
  return { headers: answer.headers ?? {}, error: JSON.parse(answer.body).error };
}

it('refuses a large body as the functions do', async () => {
  const error = errorOf('REQUEST_TOO_LARGE');
  expect(error).toMatchObject({ code: 'request_too_large', message: expect.stringContaining('4.5 MB') });
  const ours = await answered('/v1/large');
  expect(ours.error).toMatchObject({ code: error.code, type: error.type, param: error.param });
  expect(ours.error.message).toContain('(4.5 MB)');
});

it('does not find a route in the words of the functions', async () => {
  const { error } = await answered('/v1/x');
  const text = JSON.stringify(errorOf('MISSING_AUTHENTICATION_TOKEN'));
  const filled = text.replace('$context.httpMethod', 'POST').replace('$context.path', '/v1/x');
  expect(JSON.parse(filled)).toEqual(error);
});

it('lets scripts of any origin read the headers that the functions let them', async () => {
  const { headers } = await answered('/v1/x');
  for (const { ResponseParameters } of Object.values(RESPONSES)) {
    expect(ResponseParameters).toMatchObject({
      'gatewayresponse.header.Access-Control-Allow-Origin': `'${headers['access-control-allow-origin']}'`,
      'gatewayresponse.header.Access-Control-Expose-Headers': `'${headers['access-control-expose-headers']}'`,
    });
  }
});
