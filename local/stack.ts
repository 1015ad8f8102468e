import { SFNClient } from '@aws-sdk/client-sfn';
import { startEvents } from './events/server.ts';
import { startGateway } from './gateway/gateway.ts';
import { type LambdaRunner, startLambdaRunner } from './lambda/runner.ts';
import { urlOf } from './stack/aws-environment.ts';
import { lockDataDirectory } from './stack/data-lock.ts';
import { delivery } from './stack/deliver.ts';
import { deployed } from './stack/deployed.ts';
import { startEventSources } from './stack/event-sources.ts';
import { fireRates } from './stack/fire-rates.ts';
import { functionLabels } from './stack/function-labels.ts';
import { notEmulated } from './stack/not-emulated.ts';
import type { Service } from './stack/ports.ts';
import { type LocalStackOptions, openSettings, type Settings } from './stack/settings.ts';
import { endTasksFirst, startContainers, startMachines } from './stack/start-compute.ts';
import { type Stores, startStores } from './stack/start-stores.ts';
import type { Deployment } from './template/deployment.ts';

export interface LocalStack {
  /** Without a trailing slash; the stage's name may follow it or not. */
  readonly gatewayUrl: string;
  readonly endpoints: Readonly<Record<Exclude<Service, 'gateway'>, string>>;
  /** What a client of these endpoints sets in its environment, its credentials included. */
  readonly environment: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly deployment: Deployment;
  /** What the deployment has on AWS and not here, by name. */
  readonly notEmulated: readonly string[];
  /** Asks the tasks to end, then ends everything; the data stays. */
  close(): Promise<void>;
}

/**
 * Runs a synthesized CDK app on 127.0.0.1. What was stored in the data directory is there again, after a
 * `kill -9` too. Rejects, leaving nothing running, where the directory is in use or the app cannot be run.
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  await using starting = new AsyncDisposableStack();
  starting.defer(lockDataDirectory(options.dataDirectory));
  const settings = await openSettings(options);
  const runner = await startFunctions(settings, starting);
  const stores = await startStores(settings, starting);
  await startAround(settings, starting, { runner, stores });
  const running = starting.move();
  const { deployment, ports } = settings;
  return {
    gatewayUrl: urlOf(ports.gateway),
    endpoints: {
      s3: urlOf(ports.s3),
      dynamodb: urlOf(ports.dynamodb),
      sqs: urlOf(ports.sqs),
      sfn: urlOf(ports.sfn),
      events: urlOf(ports.events),
      ecs: urlOf(ports.ecs),
      autoscaling: urlOf(ports.autoscaling),
      lambda: urlOf(ports.lambda),
    },
    environment: settings.functionEnvironment,
    outputs: deployment.outputs,
    deployment,
    notEmulated: notEmulated(deployment),
    close: () => running.disposeAsync(),
  };
}

async function startFunctions(settings: Settings, running: AsyncDisposableStack): Promise<LambdaRunner> {
  const labelOf = functionLabels(settings.deployment);
  const runner = await startLambdaRunner({
    deployment: settings.deployment,
    environment: settings.functionEnvironment,
    onLog: (name, line) => settings.onLog({ kind: 'function', name: labelOf(name) }, line),
    port: settings.ports.lambda,
  });
  running.defer(runner.close);
  return runner;
}

interface Started {
  readonly runner: LambdaRunner;
  readonly stores: Stores;
}

/** Events before machines and tasks, which emit them; the gateway last, so that no one calls a half stack. */
async function startAround(settings: Settings, running: AsyncDisposableStack, { runner, stores }: Started) {
  const { deployment, ports, region, accountId, credentials, onLog, onTrouble } = settings;
  const { invoke } = runner;
  const { sqs } = stores;
  const sfn = new SFNClient({ endpoint: urlOf(ports.sfn), region, credentials });
  running.defer(() => sfn.destroy());
  const scheduled = {
    rules: deployed(deployment, 'AWS::Events::Rule'),
    schedules: deployed(deployment, 'AWS::Scheduler::Schedule'),
    deliver: delivery({ sqs, sfn, invoke }),
    region,
    accountId,
    onTrouble,
  };
  const events = await startEvents({ ...scheduled, port: ports.events });
  running.defer(events.close);
  const { emit } = events;
  await startMachines(settings, running, { invoke, emit });
  const ecs = await startContainers(settings, running, { invoke, emit });
  running.defer(startEventSources({ deployment, sqs, invoke, onTrouble }));
  endTasksFirst(settings, running, ecs);
  const gateway = await startGateway({
    deployment,
    invoke,
    port: ports.gateway,
    onAccess: (line) => onLog({ kind: 'stack', name: 'access' }, line),
  });
  running.defer(gateway.close);
  fireRates({ ...scheduled, nowMs: Date.now() });
}
