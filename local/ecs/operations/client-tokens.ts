import { createHash } from 'node:crypto';
import { RefusedCall } from '../../aws-json/refused-call.ts';
import type { Clock } from '../../step-functions/clock.ts';

/** ECS remembers a client token for at most 24 hours ("Ensuring idempotency"). */
const REMEMBERED_MS = 24 * 3_600_000;

export interface TokenUse {
  readonly cluster: string;
  readonly token: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface ClientTokens {
  /** The tasks of an equal call before; undefined at the first. Refuses a token with other parameters. */
  earlier(use: TokenUse): readonly string[] | undefined;
  remember(use: TokenUse, taskIds: readonly string[]): void;
}

interface Memory {
  readonly parameters: string;
  readonly taskIds: readonly string[];
  readonly forgetAtMs: number;
}

export function createClientTokens(clock: Clock): ClientTokens {
  const memories = new Map<string, Memory>();
  const keyOf = ({ cluster, token }: TokenUse) => `${cluster} ${token}`;
  return {
    earlier(use) {
      for (const [key, memory] of memories) {
        if (memory.forgetAtMs <= clock.nowMs()) memories.delete(key);
      }
      const memory = memories.get(keyOf(use));
      if (memory === undefined || memory.parameters === digest(use)) return memory?.taskIds;
      throw new RefusedCall(
        'ConflictException',
        `The clientToken ${use.token} was used before with other parameters.`,
        { resourceIds: memory.taskIds },
      );
    },
    remember(use, taskIds) {
      const forgetAtMs = clock.nowMs() + REMEMBERED_MS;
      memories.set(keyOf(use), { parameters: digest(use), taskIds, forgetAtMs });
    },
  };
}

function digest({ input }: TokenUse): string {
  return createHash('sha256').update(JSON.stringify(input, sortedKeys)).digest('base64');
}

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
