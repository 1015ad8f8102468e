import { Duration, Stack } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { EnvironmentName } from '../core/environment.ts';
import type { Catalogue, GpuClass } from '../core/fleet/catalogue.ts';
import type { Capacity } from '../core/fleet/task.ts';
import type { MetricName } from '../core/metrics.ts';
import { acknowledge } from './acknowledge.ts';
import type { BatchStore } from './batch-store.ts';
import type { FleetQueues } from './fleet-queues.ts';
import { GpuClassCapacity, type PurchaseOption } from './gpu-class-capacity.ts';
import { GpuNetwork } from './gpu-network.ts';
import { GpuTask } from './gpu-task.ts';
import type { ImageRepository } from './image-repository.ts';
import type { LogSettings } from './log-group.ts';
import type { ModelStore } from './model-store.ts';
import { allow } from './permission.ts';
import { type SlacklineMetricProps, slacklineMetric } from './slackline-metric.ts';

export interface GpuCapacityProps {
  readonly catalogue: Catalogue;
  readonly store: BatchStore;
  readonly models: ModelStore;
  readonly images: ImageRepository;
  readonly queues: FleetQueues;
  readonly agentImage: string | null;
  readonly version: string;
  readonly logs: LogSettings;
  readonly privateNetwork: boolean;
  readonly flowLogs: boolean;
}

interface Pattern {
  readonly resource: string;
  readonly because: string;
}

const EVERYTHING: Pattern = {
  resource: '*',
  because: 'ListTasks knows no resource but one instance; the condition holds it to this cluster.',
};

/** The GPUs: a cluster, two capacity providers for each GPU class, a Task definition for each Fleet. */
export class GpuCapacity extends Construct {
  readonly cluster: Cluster;
  private readonly gpuClasses: Catalogue['gpuClasses'];
  private readonly fleets: Catalogue['fleets'];
  private readonly tasks: ReadonlyMap<string, GpuTask>;
  private readonly classes: ReadonlyMap<string, Readonly<Record<PurchaseOption, GpuClassCapacity>>>;

  constructor(scope: Construct, id: string, props: GpuCapacityProps) {
    super(scope, id);
    this.gpuClasses = props.catalogue.gpuClasses;
    this.fleets = props.catalogue.fleets;
    const network = new GpuNetwork(this, 'Network', {
      isPrivate: props.privateNetwork,
      flowLogs: props.flowLogs ? props.logs : null,
    });
    this.cluster = new Cluster(this, 'Cluster', {
      vpc: network.vpc,
      containerInsightsV2: ContainerInsights.DISABLED,
    });
    acknowledge(this.cluster, {
      'AwsSolutions-ECS4':
        'Container Insights bills for every Task; the agents emit what matters, and alarms stand on it.',
    });
    this.classes = new Map(
      props.catalogue.gpuClasses.map((gpuClass) => {
        const shared = { cluster: this.cluster, network, gpuClass };
        const spot = new GpuClassCapacity(this, `${gpuClass.id}-spot`, { ...shared, purchase: 'spot' });
        const onDemand = new GpuClassCapacity(this, `${gpuClass.id}-on-demand`, {
          ...shared,
          purchase: 'onDemand',
        });
        return [gpuClass.id, { spot, onDemand }];
      }),
    );
    this.tasks = new Map(
      props.catalogue.fleets.map((fleet) => {
        const { store, models, images, queues, agentImage, version, logs } = props;
        const task = new GpuTask(this, `Task-${fleet.id}`, {
          fleet,
          store,
          models,
          images,
          queues,
          agentImage,
          version,
          logs,
        });
        return [fleet.id, task];
      }),
    );
  }

  /** Instances that spot may give at a time, of all classes. */
  get maxSpotInstances(): number {
    return this.gpuClasses.reduce((sum, gpuClass) => sum + this.mostInstances(gpuClass, 'spot'), 0);
  }

  /** Of all on-demand instances together. */
  get maxOnDemandUsdPerHour(): number {
    const costs = this.gpuClasses.map(
      (each) => this.mostInstances(each, 'onDemand') * each.usdPerHour.onDemand,
    );
    return costs.reduce((sum, usd) => sum + usd, 0);
  }

  /** What the Fleets of a class may want, and the class has. */
  private mostInstances({ id, maxInstances, gpusPerInstance }: GpuClass, option: PurchaseOption): number {
    const fleets = this.fleets.filter((fleet) => fleet.gpuClass === id);
    const gpus = fleets.reduce((sum, fleet) => sum + fleet.maxTasks[option] * fleet.gpusPerTask, 0);
    return Math.min(maxInstances[option], Math.ceil(gpus / gpusPerInstance));
  }

  metricTokensIn(fleet: string, period?: Duration): Metric {
    return this.metric('TokensIn', { dimensions: { fleet }, ...(period && { period }) });
  }

  metricTokensOut(fleet: string, period?: Duration): Metric {
    return this.metric('TokensOut', { dimensions: { fleet }, ...(period && { period }) });
  }

  metricGpuUse(fleet: string, capacity: Capacity): Metric {
    const of = { dimensions: { fleet, capacity }, statistic: 'Average' } as const;
    return this.metric('GpuUtilization', { ...of, label: `${fleet} ${capacity}` });
  }

  /** Of all Fleets, as a Task says it each minute. */
  metricGpuErrors(): Metric {
    return this.metric('GpuErrors', { period: Duration.minutes(1) });
  }

  /** Of all Fleets the fullest GPU, as a Task says it each minute. */
  metricGpuMemoryUsed(): Metric {
    return this.metric('GpuMemoryUsed', { period: Duration.minutes(1), statistic: 'Maximum' });
  }

  /** Of all Fleets the hottest, as a Task says it each minute. */
  metricGpuTemperature(): Metric {
    return this.metric('GpuTemperature', { period: Duration.minutes(1), statistic: 'Maximum' });
  }

  private metric(name: MetricName, of: Omit<SlacklineMetricProps, 'service'>): Metric {
    return slacklineMetric(this, name, { service: 'gpu-task', ...of });
  }

  get environment(): Partial<Record<EnvironmentName, string>> {
    const definitions = [...this.tasks].map(([fleet, { definition }]) => [
      fleet,
      definition.taskDefinitionArn,
    ]);
    const providers = [...this.classes].map(([id, { spot, onDemand }]) => [
      id,
      { spot: spot.provider.capacityProviderName, onDemand: onDemand.provider.capacityProviderName },
    ]);
    return {
      CLUSTER_ARN: this.cluster.clusterArn,
      TASK_DEFINITION_ARNS: JSON.stringify(Object.fromEntries(definitions)),
      CAPACITY_PROVIDERS: JSON.stringify(Object.fromEntries(providers)),
    };
  }

  /** For who hears of launches that failed. */
  get groupsEnvironment(): Partial<Record<EnvironmentName, string>> {
    const groups = [...this.classes].flatMap(([gpuClass, { spot, onDemand }]) => [
      { name: spot.group.autoScalingGroupName, gpuClass, capacity: 'spot' },
      { name: onDemand.group.autoScalingGroupName, gpuClass, capacity: 'on-demand' },
    ]);
    return { AUTO_SCALING_GROUPS: JSON.stringify(groups) };
  }

  /** Finds and describes the Tasks of this cluster. */
  grantSeeTasks(grantee: IGrantable): void {
    this.allowInCluster(grantee, ['ecs:DescribeTasks'], this.anyTask);
    this.allowInCluster(grantee, ['ecs:ListTasks'], EVERYTHING);
  }

  /** Runs and stops Tasks of its own definitions in this cluster. */
  grantRunTasks(grantee: IGrantable): void {
    const definitions = [...this.tasks.values()].map(({ definition }) => definition);
    const resources = definitions.map((each) => each.taskDefinitionArn);
    allow(grantee, { actions: ['ecs:RunTask'], resources, conditions: this.inCluster });
    this.allowInCluster(grantee, ['ecs:StopTask'], this.anyTask);
    const roles = definitions.flatMap((each) => [each.taskRole.roleArn, each.obtainExecutionRole().roleArn]);
    const conditions = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } };
    allow(grantee, { actions: ['iam:PassRole'], resources: roles, conditions });
  }

  /** Finds the Tasks on an instance of this cluster and stops them. */
  grantStopOnInstances(grantee: IGrantable): void {
    this.allowInCluster(grantee, ['ecs:StopTask'], this.anyTask);
    allow(grantee, { actions: ['ecs:ListContainerInstances'], resources: [this.cluster.clusterArn] });
    this.allowInCluster(grantee, ['ecs:DescribeContainerInstances'], this.anyInstance);
    this.allowInCluster(grantee, ['ecs:ListTasks'], EVERYTHING);
  }

  /** Sets how many instances there are, and ends those that no Task is on. */
  grantKeepInstances(grantee: IGrantable): void {
    const groups = [...this.classes.values()].flatMap(({ spot, onDemand }) => [spot.group, onDemand.group]);
    allow(grantee, {
      actions: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
      resources: groups.map((group) => this.arnOfGroup(group.autoScalingGroupName)),
      because: 'The ARN of a group has an id that only Auto Scaling knows; its name is whole.',
    });
    allow(grantee, {
      actions: ['autoscaling:DescribeAutoScalingGroups'],
      resources: ['*'],
      because: 'Auto Scaling knows no resource for describing groups.',
    });
    allow(grantee, { actions: ['ecs:ListContainerInstances'], resources: [this.cluster.clusterArn] });
    this.allowInCluster(grantee, ['ecs:DescribeTasks'], this.anyTask);
    const onInstances = ['ecs:DescribeContainerInstances', 'ecs:UpdateContainerInstancesState'];
    this.allowInCluster(grantee, onInstances, this.anyInstance);
    this.allowInCluster(grantee, ['ecs:ListTasks'], EVERYTHING);
  }

  private allowInCluster(grantee: IGrantable, actions: string[], { resource, because }: Pattern): void {
    allow(grantee, { actions, resources: [resource], conditions: this.inCluster, because });
  }

  private get inCluster() {
    return { ArnEquals: { 'ecs:cluster': this.cluster.clusterArn } };
  }

  private get anyTask(): Pattern {
    const because = 'Tasks come at run time, all of them in this cluster.';
    return { resource: this.arnInCluster('task'), because };
  }

  private get anyInstance(): Pattern {
    const because = 'Instances come at run time, all of them in this cluster.';
    return { resource: this.arnInCluster('container-instance'), because };
  }

  private arnInCluster(resource: string): string {
    const resourceName = `${this.cluster.clusterName}/*`;
    return Stack.of(this).formatArn({ service: 'ecs', resource, resourceName });
  }

  private arnOfGroup(resourceName: string): string {
    const resource = 'autoScalingGroup:*:autoScalingGroupName';
    return Stack.of(this).formatArn({ service: 'autoscaling', resource, resourceName });
  }
}
