import { describe, expect, it } from 'vitest';
import type { StoredFile } from '../../../core/batch/file.ts';
import type { FileId, TenantId } from '../../../core/ids.ts';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import { put } from '../../../core/records.ts';
import { type CleanUpPorts, cleanUp } from '../../../core/retention/clean-up.ts';
import { DAY_MS } from '../../../core/retention/retention.ts';
import { manualClock } from '../../fakes/clock.ts';
import { memoryRecords } from '../../fakes/records.ts';
import { RETENTION } from '../../fakes/retention.ts';
import { agedObjects } from '../../fakes/stored-objects.ts';

const TENANT = 'acme' as TenantId;
const ROUND = recordKeys.cleanUp();
const START_MS = 2_000 * DAY_MS;
const NOW_MS = START_MS + 9 * DAY_MS;

/** Files of several pages, old enough for orphans, and a round that is due; `tell` hears of each effect before it. */
async function openWorld(tell: (name: string, empty: () => void) => void) {
  const clock = manualClock(START_MS);
  const { objects, stored, put: store } = agedObjects(clock, 2);
  const records = memoryRecords();
  const plain: CleanUpPorts = { records, objects, stored, clock, retention: RETENTION };
  await cleanUp(plain);
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    const id = `file-${name}` as FileId;
    store(objectKeys.file(TENANT, id));
    await records.change(recordKeys.file(TENANT, id), () => put(fileOf(id), undefined));
  }
  clock.advance(NOW_MS - START_MS);
  const told = <T>(name: string, perform: () => Promise<T>): Promise<T> => {
    tell(name, () => records.replaceAll([]));
    return perform();
  };
  const ports: CleanUpPorts = {
    ...plain,
    records: {
      ...records,
      read: (key) => told(key.sk, () => records.read(key)),
      query: (range, options) => told(range.skPrefix, () => records.query(range, options)),
      change: (key, transition) => told(key.sk, () => records.change(key, transition)),
    },
    objects: { remove: (keys) => told('remove', () => objects.remove(keys)) },
    stored: { page: (afterKey) => told('page', () => stored.page(afterKey)) },
  };
  return { ports, records, keys: () => objects.keys() };
}

const fileOf = (id: FileId): StoredFile => ({
  ...{ tenant: TENANT, id, sizeBytes: 1, etag: '"e"', filename: 'f', purpose: 'batch' },
  createdAtMs: START_MS,
  pinnedBy: [],
});

describe('a clean-up whose table is emptied while it runs, as an import does', () => {
  it.each([
    ['no round takes the place of its own', []],
    ['another has begun', [{ ...ROUND, record: { startedAtMs: NOW_MS + 1, afterKey: null } }]],
  ])('deletes nothing from then on, whenever that is, where %s', async (_, rounds) => {
    // The first effect takes up the round.
    for (let effects = 2; ; effects++) {
      let left = effects;
      const { ports, records, keys } = await openWorld(() => {
        if (--left === 0) records.replaceAll(rounds);
      });
      await cleanUp(ports).catch(() => undefined);
      expect(keys(), `emptied before effect ${effects}`).toHaveLength(5);
      const latest = records.peek(ROUND);
      if (left > 0) return expect(latest).toEqual({ startedAtMs: NOW_MS, afterKey: null });
      expect(latest, `emptied before effect ${effects}`).toEqual(rounds[0]?.record ?? null);
    }
  });

  it.each([
    ['the second is listed', 'page', 2, 2],
    ['the first is walked', 'ROUND', 3, 1],
  ])('goes to no further page once it was emptied before %s', async (_, name, time, pages) => {
    const seen: string[] = [];
    const { ports } = await openWorld((effect, empty) => {
      seen.push(effect);
      if (effect === name && seen.filter((one) => one === name).length === time) empty();
    });
    await cleanUp(ports);
    expect(seen.filter((one) => one === 'page')).toHaveLength(pages);
    expect(seen.at(-1)).toBe('ROUND');
  });

  it('says so where it had begun to judge by the table that was', async () => {
    const { ports } = await openWorld((effect, empty) => {
      if (effect === 'FILE#file-b') empty();
    });
    await expect(cleanUp(ports)).rejects.toMatchObject({
      errors: [{ message: expect.stringMatching(/emptied while.*file-b: it stays/) }],
    });
  });
});
