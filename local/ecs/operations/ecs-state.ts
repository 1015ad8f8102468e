import type { Clock } from '../../step-functions/clock.ts';
import type { Pool } from '../capacity/pool.ts';
import type { Cluster } from '../resources/cluster.ts';
import type { TaskDefinition } from '../resources/task-definition.ts';
import type { TaskBook } from '../tasks/task-book.ts';
import type { TaskRunner } from '../tasks/task-runner.ts';
import type { ClientTokens } from './client-tokens.ts';

/** What the operations of the endpoint read and change. */
export interface EcsState {
  readonly arnPrefix: string;
  readonly clusters: readonly Cluster[];
  readonly taskDefinitions: readonly TaskDefinition[];
  /** By the name of the capacity provider. */
  readonly pools: ReadonlyMap<string, Pool>;
  readonly book: TaskBook;
  readonly runner: TaskRunner;
  readonly tokens: ClientTokens;
  readonly clock: Clock;
}
