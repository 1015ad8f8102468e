import type { Catalogue } from '../../core/fleet/catalogue.ts';
import type { GpuInstancesOptions, GroupOptions } from './gpu-instances.ts';

type Providers = Readonly<Record<string, { readonly spot: string; readonly onDemand: string }>>;

interface Group {
  readonly name: string;
  readonly gpuClass: string;
  readonly capacity: 'spot' | 'on-demand';
}

/** Options of awsGpuInstances from the variables that the stack sets. */
export function gpuInstancesOptions(
  env: Readonly<Record<'CLUSTER_ARN' | 'CAPACITY_PROVIDERS' | 'AUTO_SCALING_GROUPS', string>>,
  catalogue: Catalogue,
): GpuInstancesOptions {
  const providers = JSON.parse(env.CAPACITY_PROVIDERS) as Providers;
  const groups = JSON.parse(env.AUTO_SCALING_GROUPS) as readonly Group[];
  return {
    clusterArn: env.CLUSTER_ARN,
    groups: groups.flatMap((group) => groupOptions(group, providers, catalogue)),
    gpusPerTask: Object.fromEntries(catalogue.fleets.map(({ id, gpusPerTask }) => [id, gpusPerTask])),
  };
}

function groupOptions(
  { name, gpuClass, capacity }: Group,
  providers: Providers,
  { gpuClasses }: Catalogue,
): readonly GroupOptions[] {
  const option = capacity === 'spot' ? 'spot' : 'onDemand';
  const capacityProvider = providers[gpuClass]?.[option];
  const known = gpuClasses.find(({ id }) => id === gpuClass);
  if (capacityProvider === undefined || known === undefined) return [];
  const { gpusPerInstance, maxInstances } = known;
  return [{ name, capacityProvider, gpusPerInstance, maxInstances: maxInstances[option] }];
}
