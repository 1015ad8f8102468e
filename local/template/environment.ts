/** Where the emulated services answer, without a trailing slash. */
export interface Endpoints {
  readonly sqs: string;
  readonly gateway: string;
}

/** The account and region that the assembly is resolved for. */
export interface DeploymentEnvironment {
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  readonly endpoints: Endpoints;
}
