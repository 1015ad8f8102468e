import { expect, it } from 'vitest';
import { createClientTokens } from '../../../local/ecs/operations/client-tokens.ts';
import { holdClock } from '../events/held-clock.ts';

const use = { cluster: 'Main', token: 't', input: { count: 1, tags: [{ key: 'a', value: 'b' }] } };

it('remembers a client token for a day, each cluster for itself, whatever the order of the fields', () => {
  const clock = holdClock(0);
  const tokens = createClientTokens(clock);
  tokens.remember(use, ['one']);
  const reordered = { ...use, input: { tags: [{ value: 'b', key: 'a' }], count: 1 } };
  expect(tokens.earlier(reordered)).toEqual(['one']);
  expect(tokens.earlier({ ...use, cluster: 'Other' })).toBeUndefined();
  clock.advance(24 * 3_600_000 - 1);
  expect(tokens.earlier(use)).toEqual(['one']);
  clock.advance(1);
  expect(tokens.earlier({ ...use, input: { count: 2 } })).toBeUndefined();
});
