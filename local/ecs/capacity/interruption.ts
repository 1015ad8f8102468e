import { RefusedCall } from '../../aws-json/refused-call.ts';
import type { EmittedEvent } from '../../events/event.ts';
import type { Clock, Timer } from '../../step-functions/clock.ts';
import type { TaskBook } from '../tasks/task-book.ts';
import type { TaskRunner } from '../tasks/task-runner.ts';
import type { Instance } from './instance.ts';
import type { Pool } from './pool.ts';

export interface InterruptionRequest {
  /** The id or ARN of a task whose instance is meant, or the instance's id. */
  readonly task?: string | undefined;
  readonly instance?: string | undefined;
  /** From the notice to the end of the instance. @default - two minutes, as EC2 gives */
  readonly noticeMs?: number | undefined;
  /** False: the instance goes at the end of that time without having said so. */
  readonly notice?: boolean | undefined;
  /** True: the instance is lost at once, and its processes get SIGKILL alone. */
  readonly kill?: boolean | undefined;
}

export interface InterrupterOptions {
  readonly pools: readonly Pool[];
  readonly book: TaskBook;
  readonly runner: TaskRunner;
  readonly clock: Clock;
  readonly emit: (event: EmittedEvent) => void;
  readonly region: string;
  readonly accountId: string;
  /** What the operating system leaves to processes between SIGTERM and SIGKILL when it shuts down. */
  readonly shutdownGraceMs: number;
}

export interface Interrupted {
  readonly instanceId: string;
  readonly endsAtMs: number;
}

const NOTICE_MS = 120_000;

export interface Interrupter {
  /** Takes an instance away. Refuses an unknown one, and an on-demand one but for a kill. */
  interrupt(request: InterruptionRequest): Interrupted;
  /** Forgets the instances under notice. */
  close(): void;
}

/** Takes instances away as EC2 does. */
export function createInterrupter(options: InterrupterOptions): Interrupter {
  const { clock } = options;
  const timers = new Set<Timer>();
  const end = async (pool: Pool, instance: Instance, graceMs: number) => {
    pool.setUnderNotice(instance.id, true);
    const taskId = pool.instances().find((candidate) => candidate.id === instance.id)?.taskId;
    const reason = `Host EC2 (instance ${instance.id}) terminated.`;
    const code = instance.provider.purchase === 'spot' ? 'SpotInterruption' : 'InfrastructureHealth';
    if (taskId !== undefined) await options.runner.stop(taskId, { code, reason }, graceMs);
    await pool.remove(instance.id);
  };
  const interrupt = (request: InterruptionRequest): Interrupted => {
    const { pool, instance } = locate(options, request);
    if (request.kill) {
      void end(pool, instance, 0);
      return { instanceId: instance.id, endsAtMs: clock.nowMs() };
    }
    if (instance.provider.purchase !== 'spot') {
      throw new RefusedCall(
        'InvalidParameterException',
        `${instance.id} is an on-demand instance, which EC2 does not interrupt: use "kill" to lose it.`,
      );
    }
    const noticeMs = request.noticeMs ?? NOTICE_MS;
    const endsAtMs = clock.nowMs() + noticeMs;
    if (request.notice !== false) {
      pool.setUnderNotice(instance.id, true);
      instance.metadata.announceTermination(endsAtMs);
      options.emit(warning(instance, options));
    }
    const timer = clock.setTimer(noticeMs, () => {
      timers.delete(timer);
      void end(pool, instance, options.shutdownGraceMs);
    });
    timers.add(timer);
    return { instanceId: instance.id, endsAtMs };
  };
  return {
    interrupt,
    close: () => {
      for (const timer of timers) timer.cancel();
    },
  };
}

function locate({ pools, book }: InterrupterOptions, request: InterruptionRequest) {
  const arn = request.task === undefined ? undefined : book.find(request.task)?.containerInstanceArn;
  for (const pool of pools) {
    const instance = pool
      .instances()
      .find((candidate) => candidate.id === request.instance || candidate.arn === arn);
    if (instance !== undefined) return { pool, instance };
  }
  throw new RefusedCall(
    'InvalidParameterException',
    `No instance stands for ${JSON.stringify({ task: request.task, instance: request.instance })}.`,
  );
}

function warning({ id }: Instance, { region, accountId }: InterrupterOptions): EmittedEvent {
  return {
    source: 'aws.ec2',
    detailType: 'EC2 Spot Instance Interruption Warning',
    resources: [`arn:aws:ec2:${region}:${accountId}:instance/${id}`],
    detail: { 'instance-id': id, 'instance-action': 'terminate' },
  };
}
