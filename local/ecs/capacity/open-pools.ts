import { RefusedCall } from '../../aws-json/refused-call.ts';
import type { DeployedResource } from '../../deployed-resource.ts';
import type { Clock } from '../../step-functions/clock.ts';
import { parseCapacityProvider } from '../resources/capacity-provider.ts';
import { launchInstance } from './launch-instance.ts';
import { openPool, type Pool } from './pool.ts';

export interface PoolsOptions {
  readonly capacityProviders: readonly DeployedResource[];
  readonly autoScalingGroups: readonly DeployedResource[];
  readonly clock: Clock;
  readonly region: string;
  readonly arnPrefix: string;
  readonly instanceStartMs?: number;
  readonly instanceIdleMs?: number;
}

export interface Pools {
  readonly byName: ReadonlyMap<string, Pool>;
  /** Refuses a name that no capacity provider has. */
  get(name: string): Pool;
  freeze(): void;
  close(): Promise<void>;
}

/** One pool for each capacity provider of the templates. */
export function openPools(options: PoolsOptions): Pools {
  const { clock, instanceStartMs = 0, instanceIdleMs = 60_000 } = options;
  const byName = new Map<string, Pool>();
  for (const resource of options.capacityProviders) {
    const provider = parseCapacityProvider(resource, options.autoScalingGroups);
    const launch = () => launchInstance(provider, options);
    byName.set(provider.name, openPool({ provider, clock, instanceStartMs, instanceIdleMs, launch }));
  }
  return {
    byName,
    get(name) {
      const pool = byName.get(name);
      if (pool !== undefined) return pool;
      const known = [...byName.keys()].join(', ');
      throw new RefusedCall('InvalidParameterException', `No capacity provider ${name}, only: ${known}.`);
    },
    freeze() {
      for (const pool of byName.values()) pool.freeze();
    },
    close: async () => {
      await Promise.all([...byName.values()].map((pool) => pool.close()));
    },
  };
}

export type SetSpotCapacity = (provider: string, slots: number) => void;

/** Makes spot capacity scarce or plentiful; refuses an on-demand capacity provider. */
export function spotCapacity(pools: Pools): SetSpotCapacity {
  return (name, slots) => {
    const pool = pools.get(name);
    if (pool.provider.purchase !== 'spot') {
      throw new RefusedCall('InvalidParameterException', `${name} is an on-demand capacity provider.`);
    }
    pool.setSlots(slots);
  };
}
