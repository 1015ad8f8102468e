import { describe, expect, it } from 'vitest';
import { addDigests, digestHex, hashId, idDigest } from '../../../core/finalize/id-digest.ts';
import { openShards } from '../../../core/finalize/open-shard.ts';
import { readAhead } from '../../../core/finalize/read-ahead.ts';
import { customIdOf } from '../../../core/finalize/tally.ts';
import { objectKeys } from '../../../core/keys.ts';
import { encodeSegment, type FinishedLine } from '../../../core/segment/segment.ts';
import { resultLine } from '../../../core/wire/result-line.ts';
import { memoryObjects } from '../../fakes/objects.ts';
import { BATCH_ID, REF, TENANT } from '../intake/fixtures.ts';

describe('idDigest', () => {
  const sumOf = (...ids: readonly string[]): bigint => {
    const digest = idDigest();
    for (const id of ids) digest.add(hashId(id));
    return digest.sum();
  };
  it('does not depend on the order and adds up over disjoint sets', () => {
    expect(sumOf('a', 'b', 'c')).toBe(sumOf('c', 'a', 'b'));
    expect(addDigests(sumOf('a', 'c'), sumOf('b'))).toBe(sumOf('a', 'b', 'c'));
    expect(sumOf('a', 'a')).not.toBe(sumOf('a', 'b'));
    expect(digestHex(sumOf('a'))).toBe('ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb');
  });
});

describe('customIdOf', () => {
  it.each(['plain', 'quote " and \\ and \n', '"custom_id":"x"', 'ünïcödé 🙂', ''])(
    'reads %j back',
    (customId) => {
      const line = resultLine(
        { batchId: BATCH_ID, line: 1, customId },
        { kind: 'answered', statusCode: 200, body: Buffer.from('{"custom_id":"no"}') },
      );
      expect(customIdOf(line)).toBe(customId);
    },
  );
  it('throws where the bytes are no result line', () => {
    expect(() => customIdOf(Buffer.from('{"custom_id":"a"}\n'))).toThrow('not a result line');
  });
});

describe('readAhead', () => {
  it('keeps the order with several jobs running', async () => {
    let running = 0;
    let most = 0;
    const jobs = [300, 100, 200, 100, 300, 100].map((turns, i) => async () => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < turns; turn++) await null;
      running--;
      return i;
    });
    const results: number[] = [];
    for await (const result of readAhead(jobs, 3)) results.push(result);
    expect(results).toEqual([0, 1, 2, 3, 4, 5]);
    expect(most).toBe(3);
  });

  it('throws the first failure', async () => {
    const jobs = [async () => 1, () => Promise.reject(new Error('second')), async () => 3];
    const read = async () => {
      for await (const _ of readAhead(jobs, 3));
    };
    await expect(read()).rejects.toThrow('second');
  });
});

it('reads an index that is longer than the first tail', async () => {
  const objects = memoryObjects();
  const lines = Array.from(
    { length: 2_000 },
    (_, index): FinishedLine => ({
      ...{ index, bytes: Buffer.from('x\n'), outcome: 'completed' },
      ...{ inputTokens: 1_000_000, cachedTokens: 1_000_000, outputTokens: 1_000_000, reasoningTokens: 0 },
    }),
  );
  const name = { fence: 1, number: 1 };
  objects.put(objectKeys.segment({ ...REF, number: 0 }, name), encodeSegment(lines));
  const shard = { number: 0, objectKey: 'shard', lines: 2_001, estimatedTokens: 1 };
  const intake = {
    ...{ intakeAttempt: 'a', model: 'm', fleetId: 'f' as never, endpoint: '/', lines: 2_001, idDigest: '' },
    shards: [shard],
  };
  const plan = {
    ...({ as: 'expired', atMs: 0, outputFileId: 'o' as never, errorFileId: 'e' as never, intake } as const),
    shards: [{ number: 0, segments: [name] }],
  };
  const opened: unknown[] = [];
  for await (const { segments, leftOver, unreadable } of openShards(objects, { ...REF, plan })) {
    opened.push([segments[0]?.lines.length, leftOver, unreadable]);
  }
  expect(opened).toEqual([[2_000, [2_000], []]]);
  expect(objects.keys()[0]).toContain(`runs/${TENANT}/`);
});
