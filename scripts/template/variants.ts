import type { Profile } from '../../lib/profile.ts';
import { DEPLOYED_PROFILES } from './with-stack.ts';

export interface Variant {
  readonly name: string;
  readonly profile: string;
  readonly changes: Partial<Profile>;
}

const ofProfile = (profile: string): Variant => ({ name: profile, profile, changes: {} });

/** Every stack that we say can be deployed: the profiles, and one with each option on. */
export const VARIANTS: readonly Variant[] = [
  ...DEPLOYED_PROFILES.map(ofProfile),
  {
    name: 'prod with a key of its own, a private network, traces, alarms and a budget',
    profile: 'prod',
    changes: {
      encryption: { cmk: true },
      privateNetwork: true,
      tracing: true,
      alarmEmail: 'oncall@example.com',
      monthlyBudgetUsd: 1000,
    },
  },
];
