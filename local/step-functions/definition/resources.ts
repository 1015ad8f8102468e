export type Resource =
  | { readonly kind: 'lambda'; readonly waitForToken: boolean }
  | { readonly kind: 'start-execution'; readonly errorPrefix: 'StepFunctions' | 'Sfn' };

const RESOURCES: Readonly<Record<string, Resource>> = {
  'lambda:invoke': { kind: 'lambda', waitForToken: false },
  'lambda:invoke.waitForTaskToken': { kind: 'lambda', waitForToken: true },
  // AWS names the errors of its optimized integration after the service, of an SDK call after the client.
  'states:startExecution': { kind: 'start-execution', errorPrefix: 'StepFunctions' },
  'aws-sdk:sfn:startExecution': { kind: 'start-execution', errorPrefix: 'Sfn' },
};

/** What a Task's Resource ARN names, or undefined for an integration that is not emulated. */
export function findResource(arn: string): Resource | undefined {
  return RESOURCES[resourceName(arn)];
}

/** Every integration that a Task may use here. */
export const RESOURCE_NAMES = Object.keys(RESOURCES);

/** The part of a Task's Resource ARN that names the integration: `lambda:invoke`, for example. */
export function resourceName(arn: string): string {
  return arn.replace(/^arn:aws[a-z-]*:states:[a-z0-9-]*:[0-9]*:/, '');
}
