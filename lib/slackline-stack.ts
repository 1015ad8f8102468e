import { CfnOutput, Duration, Fn, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BatchApi } from './batch-api.ts';
import { BatchLifecycle } from './batch-lifecycle.ts';
import { BatchStore } from './batch-store.ts';
import type { Config } from './config.ts';
import { dataKey } from './data-key.ts';
import { keepEmptyingLogs } from './emptying-logs.ts';
import { EventConsumers } from './event-consumers.ts';
import { FleetQueues } from './fleet-queues.ts';
import { FleetScheduler } from './fleet-scheduler.ts';
import { CONSUMER_TIMEOUT, Functions } from './functions.ts';
import { GpuCapacity } from './gpu-capacity.ts';
import { ImageRepository } from './image-repository.ts';
import { ModelStore } from './model-store.ts';
import { TAG_KEY } from './monthly-budget.ts';
import { Observability } from './observability.ts';

export interface SlacklineStackProps extends StackProps {
  readonly config: Config;
  /** The catalogue as a file, to lie beside every bundle. */
  readonly catalogueFile: string;
  /** Of what is deployed (core/version.ts). */
  readonly version: string;
}

export class SlacklineStack extends Stack {
  private readonly zones: number;

  constructor(scope: Construct, id: string, props: SlacklineStackProps) {
    const { profile, catalogue } = props.config;
    super(scope, id, { terminationProtection: profile.terminationProtection, ...props });
    this.zones = profile.zones;
    const { keepData, agentImage, retention, privateNetwork, flowLogs, tracing } = profile;
    const machineNames = {
      'batch-lifecycle': `${profile.stackName}-batch-lifecycle`,
      'fleet-scheduler': `${profile.stackName}-fleet-scheduler`,
    };

    const encryptionKey = profile.encryption.cmk ? dataKey(this, 'DataKey', { keepData }) : null;
    const logs = { retentionDays: profile.logRetentionDays, encryptionKey };
    const { backupDays } = retention;
    const store = new BatchStore(this, 'Store', { keepData, backupDays, encryptionKey });
    const models = new ModelStore(this, 'Models', { keepData, encryptionKey });
    if (!keepData) keepEmptyingLogs(this, logs);
    const images = new ImageRepository(this, 'Images', { keepData });
    const fleetIds = catalogue.fleets.map((fleet) => fleet.id);
    const consumerTimeout = CONSUMER_TIMEOUT;
    const queues = new FleetQueues(this, 'Queues', { fleetIds, consumerTimeout, encryptionKey });
    const gpu = new GpuCapacity(this, 'Gpu', {
      catalogue,
      store,
      models,
      images,
      queues,
      agentImage,
      version: props.version,
      logs,
      privateNetwork,
      flowLogs,
    });
    const functions = new Functions(this, 'Functions', {
      store,
      queues,
      gpu,
      machineNames,
      profile,
      logs,
      catalogueFile: props.catalogueFile,
      version: props.version,
    });
    const lifecycle = new BatchLifecycle(this, 'Lifecycle', {
      machineName: machineNames['batch-lifecycle'],
      functions: functions.lifecycle,
      roundsSeconds: profile.lifecycleRoundsSeconds,
      logs,
      tracing,
    });
    const scheduler = new FleetScheduler(this, 'Scheduler', {
      machineName: machineNames['fleet-scheduler'],
      functions: functions.scheduler,
      waitsSeconds: profile.loopWaitsSeconds,
      logs,
      tracing,
    });
    const { throttle, waf } = profile;
    const api = new BatchApi(this, 'Api', { functions: functions.api, logs, throttle, waf, tracing });
    const consumers = new EventConsumers(this, 'Events', {
      queues,
      clusterArn: gpu.cluster.clusterArn,
      recorder: functions.recorder,
      recorderWindow: Duration.seconds(profile.recorderWindowSeconds),
      signals: functions.signals,
      sweeper: functions.sweeper,
      sweepEvery: Duration.minutes(profile.sweepEveryMinutes),
      instanceKeeper: functions.instanceKeeper,
    });
    new Observability(this, 'Observability', {
      ...{ api, queues, gpu, functions, lifecycle, scheduler, consumers, encryptionKey },
      fleets: catalogue.fleets,
      alarmEmail: profile.alarmEmail,
      onDemandAlarmUsdPerHour: profile.onDemandAlarmUsdPerHour,
      monthlyBudgetUsd: profile.monthlyBudgetUsd,
    });

    Tags.of(this).add(TAG_KEY, this.stackName);
    new CfnOutput(this, 'BaseUrl', { value: `${api.api.url}v1`, description: 'baseURL of the openai SDK' });
    new CfnOutput(this, 'TableName', {
      value: store.table.tableName,
      description: 'For: npm run keys -- create',
    });
    new CfnOutput(this, 'BucketName', {
      value: store.bucket.bucketName,
      description: 'For: npm run tenants, npm run backup',
    });
    new CfnOutput(this, 'ModelBucketName', {
      value: models.bucket.bucketName,
      description: 'Where npm run models:pull puts weights',
    });
    new CfnOutput(this, 'ImageRepositoryUri', {
      value: images.repository.repositoryUri,
      description: 'Where npm run image:push puts the image of the GPU task',
    });
  }

  /** Without an account the zones are known only at deploy. */
  override get availabilityZones(): string[] {
    const zones = Fn.getAzs();
    return Array.from({ length: this.zones }, (_, i) => Fn.select(i, zones));
  }
}
