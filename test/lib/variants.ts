import type { Profile } from '../../lib/profile.ts';

export interface Variant {
  readonly name: string;
  readonly profile: string;
  readonly changes: Partial<Profile>;
}

const ofProfile = (profile: string): Variant => ({ name: profile, profile, changes: {} });

/** Every stack that we say can be deployed: the profiles, and one with each option on. */
export const VARIANTS: readonly Variant[] = [
  ...['dev', 'stage', 'prod'].map(ofProfile),
  {
    name: 'prod with a key of its own, a private network and alarms',
    profile: 'prod',
    changes: {
      encryption: { cmk: true },
      privateNetwork: true,
      alarmEmail: 'oncall@example.com',
    },
  },
];
