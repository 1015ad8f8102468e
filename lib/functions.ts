import { Duration } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Construct } from 'constructs';
import type { EnvironmentName } from '../core/environment.ts';
import type { Machine } from '../core/ports.ts';
import type { BatchApiFunctions } from './batch-api.ts';
import type { LifecycleFunctions } from './batch-lifecycle.ts';
import type { BatchStore } from './batch-store.ts';
import type { Profile } from './config.ts';
import type { FleetQueues } from './fleet-queues.ts';
import type { SchedulerFunctions } from './fleet-scheduler.ts';
import type { GpuCapacity } from './gpu-capacity.ts';
import { grantSendTokens, grantStartExecutions, machineArn } from './machine.ts';
import { slacklineFunction } from './slackline-function.ts';

export interface FunctionsProps {
  readonly store: BatchStore;
  readonly queues: FleetQueues;
  readonly gpu: GpuCapacity;
  readonly machineNames: Readonly<Record<Machine, string>>;
  readonly profile: Profile;
  readonly catalogueFile: string;
}

interface Shape {
  readonly timeout?: Duration;
  readonly memoryMiB?: number;
  readonly environment?: Partial<Readonly<Record<EnvironmentName, string>>>;
}

/** A pass over a whole file: as long as a function may take, with the CPU and network that memory buys. */
const WHOLE_FILE: Shape = { timeout: Duration.minutes(15), memoryMiB: 1769 };

/** Every function, with what it may do. */
export class Functions extends Construct {
  readonly api: BatchApiFunctions;
  readonly lifecycle: LifecycleFunctions;
  readonly scheduler: SchedulerFunctions;
  readonly recorder: NodejsFunction;
  readonly signals: NodejsFunction;
  readonly sweeper: NodejsFunction;
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
    this.all = this.made;
  }

  private apiFunctions(): BatchApiFunctions {
    const { store, machineNames } = this.props;
    const authorizer = this.fn('authorizer', { memoryMiB: 256 });
    store.grantReadApiKeys(authorizer);
    const memoryMiB = 1024;
    const files = this.fn('files-api', { memoryMiB });
    const uploads = this.fn('uploads-api', { memoryMiB });
    const batches = this.fn('batches-api', { memoryMiB, environment: this.lifecycleArn });
    for (const fn of [files, uploads, batches]) {
      store.grantRecords(fn);
      store.grantTenantObjects(fn);
    }
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
      intake: this.fn('lifecycle-intake', WHOLE_FILE),
      enrol: this.fn('lifecycle-enrol', { timeout: Duration.minutes(5), environment: this.schedulerArn }),
      wait: this.fn('lifecycle-wait', { environment: { ...rounds, ...this.lifecycleArn } }),
      close: this.fn('lifecycle-close', { ...WHOLE_FILE, memoryMiB: 1024 }),
      finalize: this.fn('lifecycle-finalize', WHOLE_FILE),
      tell: this.fn('lifecycle-tell', {
        timeout: Duration.minutes(5),
        environment: { EVENT_BUS_NAME: 'default' },
      }),
    };
    const { assess, intake, enrol, wait, close, finalize, tell } = functions;
    for (const fn of Object.values(functions)) store.grantRecords(fn);
    for (const fn of [assess, intake, enrol, close, finalize, tell]) store.grantTenantObjects(fn);
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
    for (const fn of [plan, act, wait, stop, continueAsNew]) store.grantRecords(fn);
    gpu.grantRunTasks(plan);
    gpu.grantRunTasks(act);
    queues.grantDispatch(act);
    grantSendTokens(this, machineNames['fleet-scheduler'], wait);
    grantStartExecutions(this, machineNames['fleet-scheduler'], continueAsNew);
    return { plan, act, wait, stop, continueAsNew };
  }

  private recorderFunction(): NodejsFunction {
    const recorder = this.fn('recorder', this.consumer);
    this.grantWake(recorder);
    return recorder;
  }

  private signalsFunction(): NodejsFunction {
    const { gpu } = this.props;
    const { environment, ...shape } = this.consumer;
    const signals = this.fn('signals', {
      ...shape,
      environment: { ...environment, ...gpu.environment, ...gpu.groupsEnvironment },
    });
    this.grantWake(signals);
    gpu.grantStopOnInstances(signals);
    return signals;
  }

  private sweeperFunction(): NodejsFunction {
    const sweeper = this.fn('sweeper', { ...this.consumer, timeout: Duration.minutes(5) });
    this.grantWake(sweeper);
    return sweeper;
  }

  /** Wakes loops and lifecycles, and starts those that have ended. */
  private grantWake(fn: NodejsFunction): void {
    this.props.store.grantRecords(fn);
    for (const name of Object.values(this.props.machineNames)) {
      grantStartExecutions(this, name, fn);
      grantSendTokens(this, name, fn);
    }
  }

  private get consumer(): Shape {
    return { timeout: Duration.minutes(1), environment: { ...this.lifecycleArn, ...this.schedulerArn } };
  }

  private get lifecycleArn(): { readonly LIFECYCLE_MACHINE_ARN: string } {
    return { LIFECYCLE_MACHINE_ARN: machineArn(this, this.props.machineNames['batch-lifecycle']) };
  }

  private get schedulerArn(): { readonly SCHEDULER_MACHINE_ARN: string } {
    return { SCHEDULER_MACHINE_ARN: machineArn(this, this.props.machineNames['fleet-scheduler']) };
  }

  private fn(name: string, { environment, ...shape }: Shape = {}): NodejsFunction {
    const { store, catalogueFile, profile } = this.props;
    const fn = slacklineFunction(this, name, {
      name,
      catalogueFile,
      logRetentionDays: profile.logRetentionDays,
      ...shape,
      environment: { ...store.environment, ...environment },
    });
    this.made.push(fn);
    return fn;
  }
}
