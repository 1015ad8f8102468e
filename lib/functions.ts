import { Duration } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EnvironmentName } from '../core/environment.ts';
import type { Machine } from '../core/ports.ts';
import type { BatchApiFunctions } from './batch-api.ts';
import type { LifecycleFunctions } from './batch-lifecycle.ts';
import type { BatchStore } from './batch-store.ts';
import type { FleetQueues } from './fleet-queues.ts';
import type { SchedulerFunctions } from './fleet-scheduler.ts';
import type { GpuCapacity } from './gpu-capacity.ts';
import type { LogSettings } from './log-group.ts';
import { grantSendTokens, grantStartExecutions, machineArn } from './machine.ts';
import type { Profile } from './profile.ts';
import { slacklineFunction } from './slackline-function.ts';
import { metricsEnvironment } from './slackline-metric.ts';

export interface FunctionsProps {
  readonly store: BatchStore;
  readonly queues: FleetQueues;
  readonly gpu: GpuCapacity;
  readonly machineNames: Readonly<Record<Machine, string>>;
  readonly profile: Profile;
  readonly logs: LogSettings;
  readonly catalogueFile: string;
  readonly version: string;
}

interface Shape {
  readonly timeout?: Duration;
  readonly memoryMiB?: number;
  readonly environment?: Partial<Readonly<Record<EnvironmentName, string>>>;
  readonly deadLetters?: IQueue;
}

/** A pass over a whole file: as long as a function may take, with the CPU and network that memory buys. */
const WHOLE_FILE: Shape = { timeout: Duration.minutes(15), memoryMiB: 1769 };

/** The gateway gives up after 29 seconds and ends nothing: a function that ends before it says in its log why. */
const BEHIND_GATEWAY: Shape = { timeout: Duration.seconds(28), memoryMiB: 1024 };

/** Of the functions that queues call; the queues' visibility follows from it. */
export const CONSUMER_TIMEOUT = Duration.minutes(1);

/** Every function, with what it may do. */
export class Functions extends Construct {
  readonly api: BatchApiFunctions;
  readonly lifecycle: LifecycleFunctions;
  readonly scheduler: SchedulerFunctions;
  readonly recorder: NodejsFunction;
  readonly signals: NodejsFunction;
  readonly sweeper: NodejsFunction;
  readonly instanceKeeper: NodejsFunction;
  readonly all: readonly NodejsFunction[];
  private readonly props: FunctionsProps;
  private readonly made: NodejsFunction[] = [];

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.props = props;
    this.api = this.apiFunctions();
    this.lifecycle = this.lifecycleFunctions();
    this.scheduler = this.schedulerFunctions();
    this.recorder = this.recorderFunction();
    this.signals = this.signalsFunction();
    this.sweeper = this.sweeperFunction();
    this.instanceKeeper = this.instanceKeeperFunction();
    this.all = this.made;
  }

  private apiFunctions(): BatchApiFunctions {
    const { store, machineNames } = this.props;
    const authorizer = this.fn('authorizer', { ...BEHIND_GATEWAY, memoryMiB: 256 });
    store.grantReadApiKeys(authorizer);
    const files = this.fn('files-api', { ...BEHIND_GATEWAY, environment: this.retention });
    const uploads = this.fn('uploads-api', { ...BEHIND_GATEWAY, environment: this.retention });
    const batches = this.fn('batches-api', { ...BEHIND_GATEWAY, environment: this.lifecycleArn });
    store.grantServeFiles(files);
    store.grantServeUploads(uploads);
    store.grantServeBatches(batches);
    grantStartExecutions(this, machineNames['batch-lifecycle'], batches);
    grantSendTokens(this, machineNames['batch-lifecycle'], batches);
    return { authorizer, files, uploads, batches };
  }

  private lifecycleFunctions(): LifecycleFunctions {
    const { store, machineNames, profile } = this.props;
    const rounds = { LIFECYCLE_ROUNDS_SECONDS: JSON.stringify(profile.lifecycleRoundsSeconds) };
    const bus = EventBus.fromEventBusName(this, 'Bus', 'default');
    const functions = {
      assess: this.fn('lifecycle-assess', { environment: { ...rounds, ...this.lifecycleArn } }),
      intake: this.fn('lifecycle-intake', { ...WHOLE_FILE, environment: this.retention }),
      enrol: this.fn('lifecycle-enrol', { timeout: Duration.minutes(5), environment: this.schedulerArn }),
      wait: this.fn('lifecycle-wait', { environment: { ...rounds, ...this.lifecycleArn } }),
      close: this.fn('lifecycle-close', { ...WHOLE_FILE, memoryMiB: 1024 }),
      finalize: this.fn('lifecycle-finalize', { ...WHOLE_FILE, environment: this.retention }),
      tell: this.fn('lifecycle-tell', {
        timeout: Duration.minutes(5),
        environment: { EVENT_BUS_NAME: 'default' },
      }),
    };
    const { assess, intake, enrol, wait, close, finalize, tell } = functions;
    store.grantAssessBatches(assess);
    store.grantTakeIn(intake);
    store.grantEnrol(enrol);
    store.grantAwaitBatches(wait);
    store.grantCloseBatches(close);
    store.grantFinalizeBatches(finalize);
    store.grantTellBatches(tell);
    grantStartExecutions(this, machineNames['batch-lifecycle'], assess);
    grantStartExecutions(this, machineNames['fleet-scheduler'], enrol);
    grantSendTokens(this, machineNames['fleet-scheduler'], enrol);
    grantSendTokens(this, machineNames['batch-lifecycle'], wait);
    bus.grantPutEventsTo(tell);
    return functions;
  }

  private schedulerFunctions(): SchedulerFunctions {
    const { store, queues, gpu, machineNames, profile } = this.props;
    const waits = { LOOP_WAITS_SECONDS: JSON.stringify(profile.loopWaitsSeconds) };
    const shape = { timeout: Duration.minutes(1), memoryMiB: 1024 };
    const plan = this.fn('scheduler-plan', { ...shape, environment: { ...waits, ...gpu.environment } });
    const act = this.fn('scheduler-act', {
      ...shape,
      environment: { ...gpu.environment, ...queues.dispatchEnvironment },
    });
    const wait = this.fn('scheduler-wait', { environment: this.schedulerArn });
    const stop = this.fn('scheduler-stop');
    const continueAsNew = this.fn('scheduler-continue', { environment: this.schedulerArn });
    store.grantPlanFleets(plan);
    store.grantDispatchShards(act);
    for (const fn of [wait, stop, continueAsNew]) store.grantKeepLoops(fn);
    gpu.grantSeeTasks(plan);
    gpu.grantRunTasks(act);
    queues.grantDispatch(act);
    grantSendTokens(this, machineNames['fleet-scheduler'], wait);
    grantStartExecutions(this, machineNames['fleet-scheduler'], continueAsNew);
    return { plan, act, wait, stop, continueAsNew };
  }

  private recorderFunction(): NodejsFunction {
    const { store, machineNames } = this.props;
    const recorder = this.fn('recorder', this.consumer);
    store.grantRecordReports(recorder);
    grantSendTokens(this, machineNames['batch-lifecycle'], recorder);
    this.grantWakeLoops(recorder);
    return recorder;
  }

  private signalsFunction(): NodejsFunction {
    const { gpu, store, machineNames } = this.props;
    const signals = this.fn('signals', {
      timeout: CONSUMER_TIMEOUT,
      environment: { ...this.schedulerArn, ...gpu.environment, ...gpu.groupsEnvironment },
    });
    store.grantKeepLoops(signals);
    grantSendTokens(this, machineNames['fleet-scheduler'], signals);
    gpu.grantStopOnInstances(signals);
    return signals;
  }

  private sweeperFunction(): NodejsFunction {
    const { store, queues, machineNames } = this.props;
    const { deadLetters } = queues.signals;
    const environment = { ...this.consumer.environment, ...this.retention };
    const sweeper = this.fn('sweeper', { timeout: Duration.minutes(5), deadLetters, environment });
    store.grantSweep(sweeper);
    queues.grantSetAside(sweeper);
    grantStartExecutions(this, machineNames['batch-lifecycle'], sweeper);
    grantSendTokens(this, machineNames['batch-lifecycle'], sweeper);
    this.grantWakeLoops(sweeper);
    return sweeper;
  }

  private instanceKeeperFunction(): NodejsFunction {
    const { gpu, store, queues } = this.props;
    const { deadLetters } = queues.signals;
    const environment = { ...gpu.environment, ...gpu.groupsEnvironment };
    const shape = { timeout: Duration.minutes(1), memoryMiB: 256 };
    const keeper = this.fn('instance-keeper', { ...shape, deadLetters, environment });
    store.grantKeepInstances(keeper);
    queues.grantSetAside(keeper);
    gpu.grantKeepInstances(keeper);
    return keeper;
  }

  /** Wakes loops, and starts those that have stopped. */
  private grantWakeLoops(fn: NodejsFunction): void {
    const name = this.props.machineNames['fleet-scheduler'];
    grantStartExecutions(this, name, fn);
    grantSendTokens(this, name, fn);
  }

  private get consumer(): Shape {
    return { timeout: CONSUMER_TIMEOUT, environment: { ...this.lifecycleArn, ...this.schedulerArn } };
  }

  private get retention(): { readonly RETENTION: string } {
    return { RETENTION: JSON.stringify(this.props.profile.retention) };
  }

  private get lifecycleArn(): { readonly LIFECYCLE_MACHINE_ARN: string } {
    return { LIFECYCLE_MACHINE_ARN: machineArn(this, this.props.machineNames['batch-lifecycle']) };
  }

  private get schedulerArn(): { readonly SCHEDULER_MACHINE_ARN: string } {
    return { SCHEDULER_MACHINE_ARN: machineArn(this, this.props.machineNames['fleet-scheduler']) };
  }

  private fn(name: string, { environment, ...shape }: Shape = {}): NodejsFunction {
    const { store, catalogueFile, logs, version, profile } = this.props;
    const fn = slacklineFunction(this, name, {
      name,
      catalogueFile,
      logs,
      tracing: profile.tracing,
      ...shape,
      environment: {
        VERSION: version,
        ...metricsEnvironment(this),
        ...store.environment,
        ...environment,
      },
    });
    this.made.push(fn);
    return fn;
  }
}
