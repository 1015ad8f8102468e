import { describe, expect, it } from 'vitest';
import { itemBytes, unitsOf } from '../../../scripts/cost/counting/dynamodb-units.ts';

const put = (bytes: number) => ({ Item: { a: { S: 'x'.repeat(bytes - 1) } } });

describe('the units of a call', () => {
  it.each([
    ['GetItem', '{"ConsistentRead":true}', 0, { read: 1, write: 0 }],
    ['Query', '{"ConsistentRead":true}', 4097, { read: 2, write: 0 }],
    ['Query', '{}', 4097, { read: 1, write: 0 }],
    ['PutItem', JSON.stringify(put(1024)), 0, { read: 0, write: 1 }],
    ['PutItem', JSON.stringify(put(1025)), 0, { read: 0, write: 2 }],
    ['DeleteItem', '{}', 0, { read: 0, write: 1 }],
    ['TransactGetItems', JSON.stringify({ TransactItems: [{}, {}] }), 100, { read: 4, write: 0 }],
    [
      'TransactWriteItems',
      JSON.stringify({ TransactItems: [{ Put: put(1500) }, {}] }),
      0,
      { read: 0, write: 6 },
    ],
  ])('%s', (operation, sent, receivedBytes, units) => {
    expect(unitsOf(operation, sent, receivedBytes)).toEqual(units);
  });

  it('of a call that has no price here is an error', () => {
    expect(() => unitsOf('Scan', '{}', 0)).toThrow(/Scan/);
  });
});

it('counts names and values of an item, and what lists and maps take', () => {
  const item = { name: { S: 'äb' }, n: { N: '1234' }, b: { B: 'AAAA' }, yes: { BOOL: true } };
  expect(itemBytes(item)).toBe(4 + 3 + (1 + 3) + (1 + 3) + (3 + 1));
  expect(itemBytes({ l: { L: [{ S: 'a' }, { S: 'b' }] } })).toBe(1 + 3 + 2 * 2);
  expect(itemBytes({ m: { M: { k: { S: 'v' } } } })).toBe(1 + 3 + 1 + 2);
});
