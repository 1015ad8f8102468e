/** What functions have on AWS and not here, for the local stack to say at its start. */
export const LAMBDA_NOT_EMULATED: readonly string[] = [
  'Lambda memory limit (MemorySize is told to the function, not enforced)',
  'Lambda execution role (all functions share one set of credentials)',
  'Lambda file system (the code folder is writable, /tmp is shared)',
  'Lambda freeze between invocations, layers, extensions and streamed responses',
  'Lambda versions and aliases (all of them run the current code), VPC settings',
  'Lambda destinations and dead-letter queues of asynchronous invocations',
];
