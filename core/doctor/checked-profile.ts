import type { Fleet, GpuClass } from '../fleet/catalogue.ts';

/** A profile as far as the checks go. */
export interface CheckedProfile {
  readonly stackName: string;
  /** Null: none yet. */
  readonly agentImage: string | null;
  /** Availability zones that the stack takes, of those that its region has. */
  readonly zones: number;
  /** Those that its Fleets run on. */
  readonly gpuClasses: readonly GpuClass[];
  /** `config`: the Fleet's file in config/models, without `.json`. */
  readonly fleets: readonly { readonly config: string; readonly fleet: Fleet }[];
}
