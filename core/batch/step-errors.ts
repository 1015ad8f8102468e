/** Names under which steps of the state machines throw what no retry heals: the machines do not retry them. */
export const STEP_ERRORS = {
  /** The final files do not hold the ids of the input, each once. Somebody must look. */
  proofFailed: 'ProofFailed',
  /** The step was invoked with an input that is not of its shape. */
  badInput: 'BadStepInput',
} as const;
