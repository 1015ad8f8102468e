import { describe, expect, it } from 'vitest';
import { INTAKE_LIMITS } from '../../../core/intake/limits.ts';
import { readInput } from '../../../core/intake/read-input.ts';
import { CHAT, FLEETS, fleetOf, lineOf } from './fixtures.ts';

const FACTS = { endpoint: CHAT, fleets: [...FLEETS, fleetOf({ id: 'big', model: 'big-1' })] };

async function* source(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function read(input: string | Uint8Array, over: Partial<typeof INTAKE_LIMITS> = {}) {
  const taken: [number, string][] = [];
  const walk = readInput(
    source(Buffer.from(input)),
    { ...FACTS, limits: { ...INTAKE_LIMITS, ...over } },
    async ({ line, customId }) => void taken.push([line, customId]),
  );
  const errors: string[] = [];
  for (;;) {
    const next = await walk.next();
    if (next.done === true) return { taken, errors, summary: next.value };
    errors.push(`${next.value.line} ${next.value.code}`);
  }
}

describe('readInput', () => {
  it('skips blank lines but counts them', async () => {
    const { taken, errors, summary } = await read(`\n${lineOf('a')}\r\n  \t\r\n${lineOf('b')}\n\n`);
    expect(taken).toEqual([
      [2, 'a'],
      [4, 'b'],
    ]);
    expect(errors).toEqual([]);
    expect(summary).toMatchObject({ lines: 2, served: { model: 'small-1', fleet: { id: 'small' } } });
  });

  it('collects all errors and takes nothing behind the first', async () => {
    const input = [lineOf('a'), '{', lineOf('b'), lineOf('a'), lineOf('c', { model: 'big-1' }), 'x'].join(
      '\n',
    );
    const { taken, errors } = await read(input);
    expect(errors).toEqual([
      '2 invalid_json_line',
      '4 duplicate_custom_id',
      '5 model_mismatch',
      '6 invalid_json_line',
    ]);
    expect(taken).toEqual([[1, 'a']]);
  });

  it('takes an adapter and the model under it for two models', async () => {
    const adapted = lineOf('a', { model: 'small-formal' });
    expect((await read(`${adapted}\n${adapted.replace('"a"', '"b"')}`)).errors).toEqual([]);
    expect((await read(`${adapted}\n${lineOf('b')}`)).errors).toEqual(['2 model_mismatch']);
  });

  it('refuses a byte order mark and checks the first line all the same', async () => {
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(lineOf('a', { model: 'x' }))]);
    expect((await read(marked)).errors).toEqual(['1 invalid_json_line', '1 model_not_found']);
    const inside = `${lineOf('a')}\n\ufeff${lineOf('b')}`;
    expect((await read(inside)).errors).toEqual(['2 invalid_json_line']);
  });

  it('refuses files without a Request', async () => {
    expect((await read('')).errors).toEqual(['null empty_file']);
    expect((await read('\n \r\n')).errors).toEqual(['null empty_file']);
  });

  it('takes as many Requests as the limit and refuses one more', async () => {
    const lines = (n: number) => Array.from({ length: n }, (_, i) => lineOf(`id-${i}`)).join('\n');
    expect((await read(lines(3), { maxLines: 3 })).errors).toEqual([]);
    expect((await read(lines(4), { maxLines: 3 })).errors).toEqual(['null too_many_tasks']);
  });

  it('names a line that is too long', async () => {
    const long = lineOf('b', { messages: 'x'.repeat(500) });
    expect((await read(`${lineOf('a')}\n${long}\n`, { maxLineBytes: 300 })).errors).toEqual([
      '2 invalid_request',
    ]);
  });
});
