import type { Catalogue } from '../../core/fleet/catalogue.ts';
import type { Profile } from '../../lib/profile.ts';
import { busyCosts } from './busy.ts';
import { readCounts } from './counts.ts';
import type { DocumentFacts } from './document.ts';
import { freeAllowance, idleCosts } from './idle.ts';
import { readPrices } from './prices.ts';
import { resourcesOf } from './template.ts';
import { WORKLOAD } from './workload.ts';

export interface CostSources {
  /** As `cdk synth` wrote it. */
  readonly template: unknown;
  readonly profile: Pick<Profile, 'loopWaitsSeconds'>;
  readonly catalogue: Catalogue;
}

/** What docs/cost.md tells. Throws where no Fleet of the profile runs the workload's model. */
export function costFacts({ template, profile, catalogue }: CostSources): DocumentFacts {
  const [counts, prices] = [readCounts(), readPrices()];
  const resources = resourcesOf(template);
  const fleet = catalogue.fleets.find(({ model }) => model === WORKLOAD.model);
  const gpuClass = catalogue.gpuClasses.find(({ id }) => id === fleet?.gpuClass);
  if (fleet === undefined || gpuClass === undefined) throw new Error(`No Fleet runs ${WORKLOAD.model}.`);
  const [loopWaitSeconds] = profile.loopWaitsSeconds;
  return {
    ...{ fleet, gpuClass, counts, prices },
    idle: idleCosts(resources, counts, prices),
    free: freeAllowance(resources, prices),
    busy: busyCosts({ resources, counts, prices, fleet, loopWaitSeconds }),
  };
}
