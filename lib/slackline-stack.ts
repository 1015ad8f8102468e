import { CfnOutput, Duration, Fn, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BatchApi } from './batch-api.ts';
import { BatchLifecycle } from './batch-lifecycle.ts';
import { BatchStore } from './batch-store.ts';
import type { Config } from './config.ts';
import { EventConsumers } from './event-consumers.ts';
import { FleetQueues } from './fleet-queues.ts';
import { FleetScheduler } from './fleet-scheduler.ts';
import { Functions } from './functions.ts';
import { GpuCapacity } from './gpu-capacity.ts';
import { Observability } from './observability.ts';

export interface SlacklineStackProps extends StackProps {
  readonly config: Config;
  /** The catalogue as a file, to lie beside every bundle. */
  readonly catalogueFile: string;
}

export class SlacklineStack extends Stack {
  private readonly zones: number;

  constructor(scope: Construct, id: string, props: SlacklineStackProps) {
    super(scope, id, props);
    const { profile, catalogue } = props.config;
    this.zones = profile.zones;
    const { logRetentionDays } = profile;
    const machineNames = {
      'batch-lifecycle': `${profile.stackName}-batch-lifecycle`,
      'fleet-scheduler': `${profile.stackName}-fleet-scheduler`,
    };

    const store = new BatchStore(this, 'Store', { keepData: profile.keepData });
    const fleetIds = catalogue.fleets.map((fleet) => fleet.id);
    const queues = new FleetQueues(this, 'Queues', { fleetIds, consumerTimeout: Duration.minutes(1) });
    const { agentImage } = profile;
    const gpu = new GpuCapacity(this, 'Gpu', { catalogue, store, queues, agentImage, logRetentionDays });
    const functions = new Functions(this, 'Functions', {
      store,
      queues,
      gpu,
      machineNames,
      profile,
      catalogueFile: props.catalogueFile,
    });
    const lifecycle = new BatchLifecycle(this, 'Lifecycle', {
      machineName: machineNames['batch-lifecycle'],
      functions: functions.lifecycle,
      roundsSeconds: profile.lifecycleRoundsSeconds,
      logRetentionDays,
    });
    const scheduler = new FleetScheduler(this, 'Scheduler', {
      machineName: machineNames['fleet-scheduler'],
      functions: functions.scheduler,
      waitsSeconds: profile.loopWaitsSeconds,
      logRetentionDays,
    });
    const { api } = new BatchApi(this, 'Api', { functions: functions.api, logRetentionDays });
    new EventConsumers(this, 'Events', {
      queues,
      clusterArn: gpu.cluster.clusterArn,
      recorder: functions.recorder,
      recorderWindow: Duration.seconds(profile.recorderWindowSeconds),
      signals: functions.signals,
      sweeper: functions.sweeper,
      sweepEvery: Duration.minutes(profile.sweepEveryMinutes),
    });
    new Observability(this, 'Observability', {
      api,
      queues: queues.all,
      machines: [lifecycle.machine, scheduler.machine],
      functions: functions.all,
      alarmEmail: profile.alarmEmail,
    });

    Tags.of(this).add('application', 'slackline');
    new CfnOutput(this, 'BaseUrl', { value: `${api.url}v1`, description: 'baseURL of the openai SDK' });
    new CfnOutput(this, 'TableName', {
      value: store.table.tableName,
      description: 'For: npm run keys -- create',
    });
  }

  /** Without an account the zones are known only at deploy. */
  override get availabilityZones(): string[] {
    const zones = Fn.getAzs();
    return Array.from({ length: this.zones }, (_, i) => Fn.select(i, zones));
  }
}
