/** PyPI could not be reached, or this machine's python3 lacks what it takes. */
export class NotInstallable extends Error {}

/** Turns the failure of a program into one that says what is needed. */
export const explain =
  (what: string) =>
  (error: unknown): never => {
    throw new NotInstallable(`${what}.\n${(error as Error).message}`, { cause: error });
  };

export const notReached = explain(
  'PyPI was not reached, or does not have it. Look at the network and pip’s settings',
);
