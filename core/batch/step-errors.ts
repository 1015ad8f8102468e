/** Names of errors that steps of the state machines throw and no retry heals. Retry rules leave them out. */
export const STEP_ERRORS = {
  /** The final files do not hold the ids of the input, each once. Somebody must look. */
  proofFailed: 'ProofFailed',
  /** The step was invoked with an input that is not of its shape. */
  badInput: 'BadStepInput',
} as const;
