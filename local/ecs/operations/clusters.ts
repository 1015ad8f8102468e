import { RefusedCall } from '../../aws-json/refused-call.ts';
import type { Cluster } from '../resources/cluster.ts';

/** Finds a cluster by its name or ARN. A call that names none means "default", as on AWS. */
export function findCluster(clusters: readonly Cluster[], nameOrArn: string | undefined): Cluster {
  const wanted = nameOrArn ?? 'default';
  const found = clusters.find(({ name, arn }) => name === wanted || arn === wanted);
  if (found === undefined) throw new RefusedCall('ClusterNotFoundException', `Cluster not found: ${wanted}.`);
  return found;
}
