import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  ContainerImage,
  Ec2TaskDefinition,
  LinuxParameters,
  LogDrivers,
  NetworkMode,
} from 'aws-cdk-lib/aws-ecs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { STOP_TIMEOUT_MS } from '../core/agent/stop-plan.ts';
import type { Fleet } from '../core/fleet/catalogue.ts';
import type { BatchStore } from './batch-store.ts';

export interface GpuTaskProps {
  readonly fleet: Fleet;
  readonly store: BatchStore;
  readonly dispatch: IQueue;
  readonly reports: IQueue;
  readonly agentImage: string;
  readonly logRetentionDays: RetentionDays;
}

const STOP_TIMEOUT = Duration.millis(STOP_TIMEOUT_MS);
/** Soft: what the smallest instance of a class has left beside the system, so that ECS places the Task. */
const MEMORY_MIB = 12_288;
/** Workers of one model on several GPUs talk through shared memory; Docker's default of 64 MiB stops them. */
const SHARED_MEMORY_MIB = 8_192;

/** The Task of one Fleet: one container, with the agent and the engine that it starts on the Task's GPUs. */
export class GpuTask extends Construct {
  readonly definition: Ec2TaskDefinition;

  constructor(scope: Construct, id: string, props: GpuTaskProps) {
    super(scope, id);
    const { fleet, store } = props;
    this.definition = new Ec2TaskDefinition(this, 'Definition', { networkMode: NetworkMode.HOST });
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.definition.addContainer('Agent', {
      image: ContainerImage.fromRegistry(props.agentImage),
      command: ['node', 'gpu-task/main.mjs'],
      workingDirectory: '/app',
      memoryReservationMiB: MEMORY_MIB,
      gpuCount: fleet.gpusPerTask,
      stopTimeout: STOP_TIMEOUT,
      linuxParameters: this.linuxParameters(),
      environment: {
        // ECS on EC2 does not tell a container its region.
        AWS_REGION: Stack.of(this).region,
        ...store.environment,
        FLEET: JSON.stringify(fleet),
        DISPATCH_QUEUE_URL: props.dispatch.queueUrl,
        REPORTS_QUEUE_URL: props.reports.queueUrl,
      },
      logging: LogDrivers.awsLogs({ streamPrefix: 'agent', logGroup }),
    });
    store.grantLeaseShards(this.definition.taskRole);
    props.dispatch.grantConsumeMessages(this.definition.taskRole);
    props.reports.grantSendMessages(this.definition.taskRole);
  }

  /** An init process reaps what the engine's workers leave behind. */
  private linuxParameters(): LinuxParameters {
    return new LinuxParameters(this, 'Linux', {
      initProcessEnabled: true,
      sharedMemorySize: SHARED_MEMORY_MIB,
    });
  }
}
