/** What REST APIs have on AWS and not here, for the local stack to say at its start. */
export const GATEWAY_NOT_EMULATED: readonly string[] = [
  'API Gateway request validation, models and mapping templates (VTL)',
  'API Gateway API keys, usage plans, throttling and quotas',
  'API Gateway resource policies, custom domains, response streaming and caching of responses',
];
