import { type Finding, failed, skipped } from './finding.ts';

/** What came of asking a service. */
export type Asked<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'refused'; readonly why: Refusal; readonly reason: string };

/** `credentials`: there are none, or they have run out. `permission`: they do not allow the call. */
export type Refusal = 'credentials' | 'network' | 'permission' | 'other';

export const answered = <T>(value: T): Asked<T> => ({ kind: 'answered', value });

/** The finding of a check that could not be made; a missing credential is told once, by the first check. */
function notAsked(check: string, refused: Extract<Asked<unknown>, { kind: 'refused' }>): Finding {
  const { why, reason } = refused;
  switch (why) {
    case 'credentials':
      return skipped(check, 'not asked: it needs credentials');
    case 'network':
      return failed(
        check,
        `no answer: ${reason}`,
        'Look at the network, proxy and firewall: curl -sSI https://aws.amazon.com',
      );
    case 'permission':
      return failed(
        check,
        `not allowed: ${reason}`,
        'Run it with credentials that may read this (the policy ReadOnlyAccess does): export AWS_PROFILE=<profile>',
      );
    case 'other':
      return failed(
        check,
        reason,
        'Mend what it says, and ask again with the same options: npm run doctor -- --profile <name>',
      );
    default:
      return why satisfies never;
  }
}

/** A check of what a service answers, or why it did not. */
export const judge = <T>(check: string, asked: Asked<T>, verdict: (value: T) => Finding): Finding =>
  asked.kind === 'answered' ? verdict(asked.value) : notAsked(check, asked);
