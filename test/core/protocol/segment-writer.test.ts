import { expect, test } from 'vitest';
import { objectKeys } from '../../../core/keys.ts';
import { segmentWriter } from '../../../core/protocol/segment-writer.ts';
import { memoryObjects } from '../../fakes/objects.ts';
import { completedLine, SHARD_ID } from './samples.ts';

test('a Segment whose put failed is put again byte for byte, and numbers have no gaps', async () => {
  const objects = memoryObjects();
  let failures = 2;
  const flaky = {
    ...objects,
    putOnce: async (key: string, body: Uint8Array) => {
      const stored = await objects.putOnce(key, body);
      if (failures-- > 0) throw new Error('the answer was lost');
      return stored;
    },
  };
  const line = (index: number) => completedLine(index, `${index}\n`);
  const writer = segmentWriter(flaky, SHARD_ID, 2);
  await expect(writer.flush(() => [line(0)])).rejects.toThrow('lost');
  await expect(writer.flush(() => [line(1)])).rejects.toThrow('lost');
  expect(writer.stored()).toBe(0);
  expect((await writer.flush(() => [line(1)])).map(({ index }) => index)).toEqual([0]);
  expect((await writer.flush(() => [line(1)])).map(({ index }) => index)).toEqual([1]);
  expect(writer.stored()).toBe(2);
  expect(objects.keys()).toEqual([1, 2].map((number) => objectKeys.segment(SHARD_ID, { fence: 2, number })));
});
