import { Stack } from 'aws-cdk-lib';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { EnvironmentName } from '../core/environment.ts';
import type { Catalogue } from '../core/fleet/catalogue.ts';
import type { BatchStore } from './batch-store.ts';
import type { FleetQueues } from './fleet-queues.ts';
import { GpuClassCapacity, type PurchaseOption } from './gpu-class-capacity.ts';
import { GpuNetwork } from './gpu-network.ts';
import { GpuTask } from './gpu-task.ts';

export interface GpuCapacityProps {
  readonly catalogue: Catalogue;
  readonly store: BatchStore;
  readonly queues: FleetQueues;
  readonly agentImage: string;
  readonly logRetentionDays: RetentionDays;
}

/** The GPUs: a cluster, two capacity providers for each GPU class, a Task definition for each Fleet. */
export class GpuCapacity extends Construct {
  readonly cluster: Cluster;
  private readonly tasks: ReadonlyMap<string, GpuTask>;
  private readonly classes: ReadonlyMap<string, Readonly<Record<PurchaseOption, GpuClassCapacity>>>;

  constructor(scope: Construct, id: string, props: GpuCapacityProps) {
    super(scope, id);
    const network = new GpuNetwork(this, 'Network');
    this.cluster = new Cluster(this, 'Cluster', {
      vpc: network.vpc,
      containerInsightsV2: ContainerInsights.DISABLED,
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
        const { store, queues, agentImage, logRetentionDays } = props;
        const dispatch = queues.dispatch(fleet.id);
        const reports = queues.reports.queue;
        const task = new GpuTask(this, `Task-${fleet.id}`, {
          fleet,
          store,
          dispatch,
          reports,
          agentImage,
          logRetentionDays,
        });
        return [fleet.id, task];
      }),
    );
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

  /** Runs, describes and stops the Tasks of this cluster. */
  grantRunTasks(grantee: IGrantable): void {
    const definitions = [...this.tasks.values()].map(({ definition }) => definition);
    const definitionArns = definitions.map((each) => each.taskDefinitionArn);
    this.allow(grantee, ['ecs:RunTask'], definitionArns, this.inCluster);
    this.allow(grantee, ['ecs:DescribeTasks', 'ecs:StopTask'], [this.tasksArn], this.inCluster);
    // ListTasks knows no resource but container instances; the condition holds it to this cluster.
    this.allow(grantee, ['ecs:ListTasks'], ['*'], this.inCluster);
    const roles = definitions.flatMap((each) => [each.taskRole.roleArn, each.obtainExecutionRole().roleArn]);
    const toTasks = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } };
    this.allow(grantee, ['iam:PassRole'], roles, toTasks);
  }

  /** Finds the Tasks on an instance of this cluster and stops them. */
  grantStopOnInstances(grantee: IGrantable): void {
    this.allow(grantee, ['ecs:StopTask'], [this.tasksArn], this.inCluster);
    this.allow(grantee, ['ecs:ListContainerInstances'], [this.cluster.clusterArn]);
    // Both are asked about instances, whose ARNs are made at run time.
    this.allow(grantee, ['ecs:DescribeContainerInstances', 'ecs:ListTasks'], ['*'], this.inCluster);
  }

  private allow(grantee: IGrantable, actions: string[], resources: string[], conditions = {}): void {
    grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources, conditions }));
  }

  private get inCluster() {
    return { ArnEquals: { 'ecs:cluster': this.cluster.clusterArn } };
  }

  private get tasksArn(): string {
    const resourceName = `${this.cluster.clusterName}/*`;
    return Stack.of(this).formatArn({ service: 'ecs', resource: 'task', resourceName });
  }
}
