export interface RefusalFacts {
  readonly status: number;
  /** The hub's `X-Error-Code`, where it sent one. */
  readonly code: string | null;
  readonly repository: string;
  readonly revision: string;
  readonly hasToken: boolean;
}

/** What the hub's refusal means, and what to do about it. */
export function describeRefusal(facts: RefusalFacts): string {
  const { status, code, repository, revision, hasToken } = facts;
  if (code === 'GatedRepo' || (status === 403 && code === null)) {
    const who = hasToken
      ? 'the account of the token in HF_TOKEN may not read it'
      : 'it is not read without a token';
    return `${repository} is gated: ${who}. Accept its licence on its page of the hub, and set HF_TOKEN to a token of the account that did.`;
  }
  if (status === 404 && code === 'RevisionNotFound') {
    return `${repository} has no revision ${revision}: give a branch, a tag or a commit of it.`;
  }
  if (status === 404 && code === 'EntryNotFound') {
    return `${repository} lists a file at ${revision} that the hub does not have. Run the command again.`;
  }
  if (status === 401 || status === 404) {
    return hasToken
      ? `The hub refuses the token in HF_TOKEN, or it may not see ${repository}, or there is no such repository: check the name and the token.`
      : `The hub shows no ${repository}: check the name, or set HF_TOKEN if it is private.`;
  }
  return `The hub answered ${status} for ${repository}. Try again later.`;
}
