import { describe, expect, it } from 'vitest';
import { isIdOf, newId } from '../../core/ids.ts';

describe('isIdOf', () => {
  it('knows the ids that are made', () => {
    for (const prefix of ['batch_', 'file-', 'upload_', 'part_'] as const) {
      expect(isIdOf(prefix, newId(prefix, Date.UTC(2030), 'f'.repeat(20)))).toBe(true);
    }
  });

  it.each(['', 'file-1', 'xbatch_1', 'batch_1\n', 'batch_1/../2', 'batch_é', `batch_${'0'.repeat(59)}`])(
    'knows that %j names no Batch',
    (text) => {
      expect(isIdOf('batch_', text)).toBe(false);
    },
  );

  it('takes 64 characters', () => {
    expect(isIdOf('batch_', `batch_${'0'.repeat(58)}`)).toBe(true);
  });
});
