import {
  type EC2Client,
  paginateDescribeInstanceTypeOfferings,
  paginateDescribeInstanceTypes,
} from '@aws-sdk/client-ec2';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  NoSuchResourceException,
  type ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import type { OfferedType } from '../../../core/doctor/capacity.ts';

/** Those of the types that the region has; one that EC2 does not know is not among them. */
export async function offeredTypes(
  client: EC2Client,
  types: readonly string[],
): Promise<readonly OfferedType[]> {
  const zones = new Map<string, string[]>();
  const offerings = paginateDescribeInstanceTypeOfferings(
    { client },
    { LocationType: 'availability-zone', Filters: [{ Name: 'instance-type', Values: [...types] }] },
  );
  for await (const { InstanceTypeOfferings = [] } of offerings) {
    for (const { InstanceType = '', Location = '' } of InstanceTypeOfferings) {
      zones.set(InstanceType, [...(zones.get(InstanceType) ?? []), Location]);
    }
  }
  const offered: OfferedType[] = [];
  const described = paginateDescribeInstanceTypes(
    { client },
    { Filters: [{ Name: 'instance-type', Values: [...types] }] },
  );
  for await (const { InstanceTypes = [] } of described) {
    for (const { InstanceType: type = '', VCpuInfo } of InstanceTypes) {
      offered.push({ type, vcpus: VCpuInfo?.DefaultVCpus ?? 0, zones: zones.get(type) ?? [] });
    }
  }
  return offered.sort((a, b) => types.indexOf(a.type) - types.indexOf(b.type));
}

/** A quota of EC2; what AWS gives every account where this one has no value of its own. */
export async function ec2Quota(client: ServiceQuotasClient, QuotaCode: string): Promise<number> {
  const named = { ServiceCode: 'ec2', QuotaCode };
  try {
    const { Quota } = await client.send(new GetServiceQuotaCommand(named));
    return Quota?.Value ?? 0;
  } catch (error) {
    if (!(error instanceof NoSuchResourceException)) throw error;
    const { Quota } = await client.send(new GetAWSDefaultServiceQuotaCommand(named));
    return Quota?.Value ?? 0;
  }
}
