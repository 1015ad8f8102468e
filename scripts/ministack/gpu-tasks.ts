import {
  EventBridgeClient,
  type EventBridgeClientConfig,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge';
import { startAutoScaling } from '../../local/auto-scaling/server.ts';
import { type Ecs, startEcs } from '../../local/ecs/server.ts';
import type { EmittedEvent } from '../../local/events/event.ts';
import type { DeployedStack } from './deployed-stack.ts';
import { ACCOUNT_ID, REGION } from './emulator.ts';

export interface GpuTasksOptions {
  readonly imageRoot: string;
  readonly ecsPort: number;
  readonly autoScalingPort: number;
  /** Set in every container, beside the profile of its Task's role. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of the account's root. */
  readonly aws: EventBridgeClientConfig;
  readonly onLog: (taskId: string, line: string) => void;
}

export interface GpuTasks {
  /** Runs Tasks of this stack from now on: of its first deploy, or of an update. */
  follow(stack: DeployedStack): Promise<void>;
  /** Throws before the first stack. */
  ecs(): Ecs;
  /** Kills the Tasks that run; twice is as good as once. */
  close(): Promise<void>;
}

/** The local stack's ECS for a stack that was deployed elsewhere: Tasks are processes, under their task role. */
export function openGpuTasks(options: GpuTasksOptions): GpuTasks {
  const running = new AsyncDisposableStack();
  const events = new EventBridgeClient(options.aws);
  running.defer(() => events.destroy());
  let ecs: Ecs | undefined;
  return {
    async follow(stack) {
      const taskDefinitions = stack.ofType('AWS::ECS::TaskDefinition');
      if (ecs !== undefined) return ecs.registerTaskDefinitions(taskDefinitions);
      ecs = await ecsOf(stack, options, events);
      running.defer(ecs.close);
      const { pools } = ecs;
      const autoScaling = await startAutoScaling({ pools, port: options.autoScalingPort });
      running.defer(autoScaling.close);
    },
    ecs() {
      if (ecs === undefined) throw new Error('Nothing is deployed yet.');
      return ecs;
    },
    close: () => running.disposeAsync(),
  };
}

function ecsOf(stack: DeployedStack, options: GpuTasksOptions, events: EventBridgeClient): Promise<Ecs> {
  const { imageRoot, ecsPort: port, environment, onLog } = options;
  const report = (error: unknown) => onLog('events', String(error));
  return startEcs({
    clusters: stack.ofType('AWS::ECS::Cluster'),
    taskDefinitions: stack.ofType('AWS::ECS::TaskDefinition'),
    capacityProviders: stack.ofType('AWS::ECS::CapacityProvider'),
    autoScalingGroups: stack.ofType('AWS::AutoScaling::AutoScalingGroup'),
    environment,
    actingAs: (taskRoleArn) => ({ AWS_PROFILE: taskRoleArn.slice(taskRoleArn.lastIndexOf('/') + 1) }),
    emit: (event) => void putEvent(events, event).catch(report),
    ...{ imageRoot, port, region: REGION, accountId: ACCOUNT_ID, onLog },
  });
}

/** As AWS's own event, which only the account's root may send here; the rules of the stack take it from there. */
async function putEvent(client: EventBridgeClient, event: EmittedEvent): Promise<void> {
  const { source, detailType, detail, resources } = event;
  const entry = {
    Source: source,
    DetailType: detailType,
    Detail: JSON.stringify(detail),
    Resources: [...resources],
  };
  const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [entry] }));
  const refused = Entries.find(({ ErrorCode }) => ErrorCode !== undefined);
  if (refused !== undefined) throw new Error(`EventBridge refused ${detailType}: ${refused.ErrorCode}.`);
}
