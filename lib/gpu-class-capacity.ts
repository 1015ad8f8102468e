import { Duration, Size } from 'aws-cdk-lib';
import {
  AutoScalingGroup,
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  OnDemandAllocationStrategy,
  SpotAllocationStrategy,
} from 'aws-cdk-lib/aws-autoscaling';
import { InstanceType, LaunchTemplate, LaunchTemplateHttpTokens, UserData } from 'aws-cdk-lib/aws-ec2';
import { AmiHardwareType, AsgCapacityProvider, type Cluster, EcsOptimizedImage } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { ENGINE_UID } from '../core/agent/engine-user.ts';
import type { GpuClass } from '../core/fleet/catalogue.ts';
import { acknowledge } from './acknowledge.ts';
import type { GpuNetwork } from './gpu-network.ts';
import { instanceRole } from './instance-role.ts';
import { metadataBarrier } from './metadata-barrier.ts';

export type PurchaseOption = 'spot' | 'onDemand';

export interface GpuClassCapacityProps {
  readonly cluster: Cluster;
  readonly network: GpuNetwork;
  readonly gpuClass: GpuClass;
  readonly purchase: PurchaseOption;
}

/** The image holds an engine of 15 to 20 GB twice (compressed and unpacked) beside the weights. */
const ROOT_VOLUME = Size.gibibytes(150);
/**
 * Else the next Task is placed where the one before it has just made room, on an instance that goes. CDK's own option
 * says so only where the group has a spot price, and a group with a mixed instances policy has none.
 */
const DRAIN_UNDER_NOTICE = 'echo ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> /etc/ecs/ecs.config';

/**
 * The instances of one GPU class bought in one way: one auto scaling group behind one capacity provider, so that
 * a Task gets what it asked for. Zero instances while no Task wants one.
 */
export class GpuClassCapacity extends Construct {
  readonly provider: AsgCapacityProvider;
  readonly group: AutoScalingGroup;

  constructor(scope: Construct, id: string, props: GpuClassCapacityProps) {
    super(scope, id);
    const { gpuClass, network, purchase } = props;
    this.group = new AutoScalingGroup(this, 'Group', {
      vpc: network.vpc,
      vpcSubnets: { subnetType: network.subnetType },
      minCapacity: 0,
      maxCapacity: gpuClass.maxInstances[purchase],
      newInstancesProtectedFromScaleIn: true,
      capacityRebalance: false,
      mixedInstancesPolicy: {
        launchTemplate: this.launchTemplate(props),
        launchTemplateOverrides: gpuClass.instanceTypes.map((type) => ({
          instanceType: new InstanceType(type),
        })),
        instancesDistribution: {
          onDemandBaseCapacity: 0,
          onDemandPercentageAboveBaseCapacity: purchase === 'spot' ? 0 : 100,
          onDemandAllocationStrategy: OnDemandAllocationStrategy.LOWEST_PRICE,
          spotAllocationStrategy: SpotAllocationStrategy.PRICE_CAPACITY_OPTIMIZED,
        },
      },
    });
    acknowledge(this.group, {
      'AwsSolutions-AS3':
        'Launches that fail reach the loops as EventBridge events; nobody has to hear of those that succeed.',
      'AwsSolutions-EC26':
        'The launch template encrypts the only volume. The rule throws on a group with a mixed instances policy.',
    });
    this.provider = new AsgCapacityProvider(this, 'Provider', {
      autoScalingGroup: this.group,
      enableManagedScaling: true,
      enableManagedTerminationProtection: true,
      enableManagedDraining: true,
      targetCapacityPercent: 100,
      instanceWarmupPeriod: Duration.minutes(1).toSeconds(),
    });
    props.cluster.addAsgCapacityProvider(this.provider);
  }

  /** Before what the cluster adds: to join it. */
  private userData(purchase: PurchaseOption): UserData {
    const userData = UserData.forLinux();
    userData.addCommands(...metadataBarrier(ENGINE_UID));
    if (purchase === 'spot') userData.addCommands(DRAIN_UNDER_NOTICE);
    return userData;
  }

  private launchTemplate({ cluster, network, purchase }: GpuClassCapacityProps): LaunchTemplate {
    return new LaunchTemplate(this, 'Template', {
      machineImage: EcsOptimizedImage.amazonLinux2023(AmiHardwareType.GPU),
      userData: this.userData(purchase),
      role: instanceRole(this, 'InstanceRole', cluster),
      securityGroup: network.securityGroup,
      associatePublicIpAddress: network.publicAddresses,
      httpTokens: LaunchTemplateHttpTokens.REQUIRED,
      httpPutResponseHopLimit: 1,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: BlockDeviceVolume.ebs(ROOT_VOLUME.toGibibytes(), {
            volumeType: EbsDeviceVolumeType.GP3,
            encrypted: true,
          }),
        },
      ],
    });
  }
}
