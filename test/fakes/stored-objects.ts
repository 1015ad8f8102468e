import type { Clock } from '../../core/ports.ts';
import type { StoredObjects } from '../../core/retention/ports.ts';
import { type MemoryObjects, memoryObjects } from './objects.ts';

export interface AgedObjects {
  readonly objects: MemoryObjects;
  readonly stored: StoredObjects;
  /** Puts an object that was stored now. */
  put(key: string): void;
}

/** Objects in memory that know when they were stored; `pageSize` as small as a test wants. */
export function agedObjects(clock: Clock, pageSize = 1000): AgedObjects {
  const objects = memoryObjects();
  const storedAtMs = new Map<string, number>();
  return {
    objects,
    put(key) {
      objects.put(key, Buffer.from(key));
      storedAtMs.set(key, clock.nowMs());
    },
    stored: {
      async page(afterKey) {
        const keys = objects.keys().filter((key) => key > afterKey);
        return {
          objects: keys
            .slice(0, pageSize)
            .map((key) => ({ key, storedAtMs: storedAtMs.get(key) ?? clock.nowMs() })),
          isLast: keys.length <= pageSize,
        };
      },
    },
  };
}
