import { expect, it } from 'vitest';
import { hashId } from '../../../core/finalize/id-digest.ts';
import { idSet } from '../../../core/intake/id-set.ts';

it('finds every duplicate and stays within 16 bytes a line as it grows', () => {
  const ids = idSet();
  let largest = 0;
  for (let i = 0; i < 200_000; i++) {
    if (!ids.add(hashId(`request-${i}`))) throw new Error(`request-${i} was taken for a duplicate.`);
    if (i % 1000 === 0 && i > 20_000) largest = Math.max(largest, ids.sizeBytes() / i);
  }
  for (let i = 0; i < 200_000; i += 97) expect(ids.add(hashId(`request-${i}`))).toBe(false);
  expect(largest).toBeGreaterThan(8);
  expect(largest).toBeLessThanOrEqual(16);
});
