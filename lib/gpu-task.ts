import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  ContainerDependencyCondition,
  ContainerImage,
  Ec2TaskDefinition,
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
const AGENT_MIB = 1024;
const ENGINE_MIB = 12_288;

/** The Task of one Fleet: the agent and, where the catalogue names an image, the engine beside it. */
export class GpuTask extends Construct {
  readonly definition: Ec2TaskDefinition;

  constructor(scope: Construct, id: string, props: GpuTaskProps) {
    super(scope, id);
    const { fleet, store } = props;
    this.definition = new Ec2TaskDefinition(this, 'Definition', { networkMode: NetworkMode.HOST });
    const logs = new LogGroup(this, 'Logs', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { engine } = fleet;
    const image = engine.kind === 'openai-compatible' ? engine.image : undefined;
    const agent = this.definition.addContainer('Agent', {
      image: ContainerImage.fromRegistry(props.agentImage),
      command: ['node', 'gpu-task/main.mjs'],
      workingDirectory: '/app',
      memoryReservationMiB: AGENT_MIB,
      essential: true,
      stopTimeout: STOP_TIMEOUT,
      environment: {
        ...store.environment,
        FLEET: JSON.stringify(fleet),
        DISPATCH_QUEUE_URL: props.dispatch.queueUrl,
        REPORTS_QUEUE_URL: props.reports.queueUrl,
      },
      logging: LogDrivers.awsLogs({ streamPrefix: 'agent', logGroup: logs }),
      ...(image === undefined ? { gpuCount: fleet.gpusPerTask } : {}),
    });
    if (image !== undefined && engine.kind === 'openai-compatible') {
      const beside = this.definition.addContainer('Engine', {
        image: ContainerImage.fromRegistry(image),
        ...(engine.command === undefined ? {} : { command: engine.command }),
        memoryReservationMiB: ENGINE_MIB,
        gpuCount: fleet.gpusPerTask,
        essential: true,
        stopTimeout: STOP_TIMEOUT,
        logging: LogDrivers.awsLogs({ streamPrefix: 'engine', logGroup: logs }),
      });
      // Containers stop in the reverse order: the engine outlives the agent's drain.
      agent.addContainerDependencies({ container: beside, condition: ContainerDependencyCondition.START });
    }
    store.grantLeaseShards(this.definition.taskRole);
    props.dispatch.grantConsumeMessages(this.definition.taskRole);
    props.reports.grantSendMessages(this.definition.taskRole);
  }
}
