/** What the gateway answers by itself, by gateway response type, with AWS's default status and error name. */
export const GATEWAY_ERRORS = {
  ACCESS_DENIED: { status: 403, name: 'AccessDeniedException' },
  API_CONFIGURATION_ERROR: { status: 500, name: 'InternalServerErrorException' },
  AUTHORIZER_CONFIGURATION_ERROR: { status: 500, name: 'AuthorizerConfigurationException' },
  AUTHORIZER_FAILURE: { status: 500, name: 'AuthorizerFailureException' },
  DEFAULT_5XX: { status: 502, name: 'InternalServerErrorException' },
  INTEGRATION_TIMEOUT: { status: 504, name: 'IntegrationTimeoutException' },
  MISSING_AUTHENTICATION_TOKEN: { status: 403, name: 'MissingAuthenticationTokenException' },
  REQUEST_TOO_LARGE: { status: 413, name: 'RequestTooLargeException' },
  UNAUTHORIZED: { status: 401, name: 'UnauthorizedException' },
} as const;

export interface GatewayError {
  readonly type: keyof typeof GATEWAY_ERRORS;
  /** `$context.error.message`; null where AWS gives none. */
  readonly message: string | null;
}

export const INTERNAL_ERROR: GatewayError = {
  type: 'API_CONFIGURATION_ERROR',
  message: 'Internal server error',
};
/** A function that failed or answered in the wrong form is a 502, under the DEFAULT_5XX response. */
export const BAD_GATEWAY: GatewayError = { type: 'DEFAULT_5XX', message: 'Internal server error' };
export const TIMED_OUT: GatewayError = { type: 'INTEGRATION_TIMEOUT', message: 'Endpoint request timed out' };
export const TOO_LARGE: GatewayError = { type: 'REQUEST_TOO_LARGE', message: 'Request Too Long' };
export const UNAUTHORIZED: GatewayError = { type: 'UNAUTHORIZED', message: 'Unauthorized' };
export const NO_ROUTE: GatewayError = {
  type: 'MISSING_AUTHENTICATION_TOKEN',
  message: 'Missing Authentication Token',
};
