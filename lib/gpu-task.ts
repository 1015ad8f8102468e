import { Duration, Stack } from 'aws-cdk-lib';
import {
  Capability,
  ContainerImage,
  Ec2TaskDefinition,
  type HealthCheck,
  LinuxParameters,
  LogDrivers,
  NetworkMode,
} from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { STOP_TIMEOUT_MS } from '../core/agent/stop-plan.ts';
import type { Fleet } from '../core/fleet/catalogue.ts';
import { acknowledge } from './acknowledge.ts';
import type { BatchStore } from './batch-store.ts';
import { engineSecrets } from './engine-secrets.ts';
import type { FleetQueues } from './fleet-queues.ts';
import type { ImageRepository } from './image-repository.ts';
import { type LogSettings, logGroup } from './log-group.ts';
import type { ModelStore } from './model-store.ts';
import { metricsEnvironment } from './slackline-metric.ts';

export interface GpuTaskProps {
  readonly fleet: Fleet;
  readonly store: BatchStore;
  readonly models: ModelStore;
  readonly images: ImageRepository;
  readonly queues: FleetQueues;
  /** Null: none yet. */
  readonly agentImage: string | null;
  readonly version: string;
  readonly logs: LogSettings;
}

const STOP_TIMEOUT = Duration.millis(STOP_TIMEOUT_MS);
/** Soft: what the smallest instance of a class has left beside the system, so that ECS places the Task. */
const MEMORY_MIB = 12_288;
/** Workers of one model on several GPUs talk through shared memory; Docker's default of 64 MiB stops them. */
const SHARED_MEMORY_MIB = 8_192;

/** As in the Dockerfile, whose own one ECS ignores. ECS shows the health of a Task that no service runs, and stops none. */
const HEALTH_CHECK: HealthCheck = {
  command: ['CMD', 'sh', '/app/gpu-task/is-alive.sh'],
  interval: Duration.seconds(30),
  timeout: Duration.seconds(5),
  startPeriod: Duration.seconds(60),
  retries: 3,
};

/** The Task of one Fleet: one container, with the agent and the engine that it starts on the Task's GPUs. */
export class GpuTask extends Construct {
  readonly definition: Ec2TaskDefinition;

  constructor(scope: Construct, id: string, props: GpuTaskProps) {
    super(scope, id);
    const { fleet, store, models, queues } = props;
    this.definition = new Ec2TaskDefinition(this, 'Definition', { networkMode: NetworkMode.HOST });
    this.definition.addContainer('Agent', {
      image: ContainerImage.fromRegistry(props.images.imageOf(props.agentImage)),
      command: ['node', 'gpu-task/main.mjs'],
      workingDirectory: '/app',
      memoryReservationMiB: MEMORY_MIB,
      gpuCount: fleet.gpusPerTask,
      stopTimeout: STOP_TIMEOUT,
      linuxParameters: this.linuxParameters(),
      healthCheck: HEALTH_CHECK,
      environment: {
        // ECS on EC2 does not tell a container its region.
        AWS_REGION: Stack.of(this).region,
        ...store.environment,
        ...models.environment,
        VERSION: props.version,
        ...metricsEnvironment(this),
        FLEET: JSON.stringify(fleet),
        DISPATCH_QUEUE_URL: queues.dispatch(fleet.id).queueUrl,
        REPORTS_QUEUE_URL: queues.reports.queue.queueUrl,
      },
      secrets: engineSecrets(fleet),
      logging: LogDrivers.awsLogs({ streamPrefix: 'agent', logGroup: logGroup(this, 'Logs', props.logs) }),
    });
    acknowledge(this.definition, {
      'AwsSolutions-ECS2': 'The variables name resources of the stack and the Fleet; none is a secret.',
      'AwsSolutions-IAM5[Resource::*]': 'ECR knows no resource for the token to pull images with.',
    });
    store.grantLeaseShards(this.definition.taskRole);
    models.grantReadModel(this.definition.taskRole, fleet);
    models.grantCompileCache(this.definition.taskRole, fleet.id);
    props.images.grantPull(this.definition.obtainExecutionRole());
    queues.grantTakeHints(this.definition.taskRole, fleet.id);
    queues.grantReport(this.definition.taskRole);
  }

  /**
   * An init process reaps what the engine's workers leave behind. The agent has no capability; the two that are left
   * are for the one program with which it starts the engine as another user.
   */
  private linuxParameters(): LinuxParameters {
    const parameters = new LinuxParameters(this, 'Linux', {
      initProcessEnabled: true,
      sharedMemorySize: SHARED_MEMORY_MIB,
    });
    parameters.dropCapabilities(Capability.ALL);
    parameters.addCapabilities(Capability.SETUID, Capability.SETGID);
    return parameters;
  }
}
