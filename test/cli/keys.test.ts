import { describe, expect, it } from 'vitest';
import { keysProgram } from '../../cli/keys-program.ts';
import { hashApiKey } from '../../core/api-key.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Records } from '../../core/ports.ts';
import { manualClock } from '../fakes/clock.ts';
import { memoryPrinter } from '../fakes/printer.ts';
import { memoryRecords } from '../fakes/records.ts';
import { memoryTable } from '../fakes/whole-table.ts';

function rig(table: string | undefined = 'Table') {
  const records = memoryRecords();
  const clock = manualClock();
  const tables: string[] = [];
  const { printed, ...printer } = memoryPrinter();
  const keys = async (...args: readonly string[]): Promise<number> => {
    Object.assign(printed, { out: '', err: '' });
    return keysProgram({
      records: (name): Records => {
        tables.push(name);
        return records;
      },
      table: () => memoryTable(records),
      clock,
      defaultTable: table,
      ...printer,
    })(args);
  };
  return { records, clock, tables, printed, keys };
}

describe('keys create', () => {
  it('prints the key alone on stdout and keeps its hash', async () => {
    const { keys, printed, records, tables, clock } = rig();
    expect(await keys('create', '--tenant', 'acme', '--name', 'ci')).toBe(0);
    const apiKey = printed.out.trimEnd();
    expect(apiKey).toMatch(/^sk-slackline-[\w-]{43}$/);
    expect(records.peek(recordKeys.apiKey(hashApiKey(apiKey)))).toEqual({
      tenant: 'acme',
      name: 'ci',
      createdAtMs: clock.nowMs(),
    });
    expect(JSON.stringify(records.all())).not.toContain(apiKey);
    expect(printed.err).not.toContain(apiKey);
    expect(tables).toEqual(['Table']);
  });

  it('takes the table that it is told', async () => {
    const { keys, tables } = rig();
    expect(await keys('--table', 'Other', 'create')).toBe(0);
    expect(tables).toEqual(['Other']);
  });

  it.each(['Acme', '', 'a/b', '-a'])('refuses the tenant %j and says what one is', async (tenant) => {
    const { keys, printed, records } = rig();
    expect(await keys('create', `--tenant=${tenant}`)).toBe(1);
    expect(printed.err).toMatch(/lower case letters, digits and hyphens, at most 63/);
    expect(printed.out).toBe('');
    expect(records.all()).toEqual([]);
  });
});

describe('keys revoke', () => {
  it('removes the key', async () => {
    const { keys, printed, records } = rig();
    await keys('create');
    const apiKey = printed.out.trimEnd();
    expect(await keys('revoke', apiKey)).toBe(0);
    expect(records.all()).toEqual([]);
    expect(printed.err).toMatch(/Revoked/);
  });

  it('says what to give where there is no such key, without repeating it', async () => {
    const { keys, printed } = rig();
    expect(await keys('revoke', 'sk-wrong')).toBe(1);
    expect(printed.err).toMatch(/no such key in the table Table.*as `create` printed it/);
    expect(printed.err).not.toContain('sk-wrong');
  });
});

describe('keys list', () => {
  it('shows whose keys there are, oldest first, and none of what they are', async () => {
    const { keys, printed, clock } = rig();
    await keys('create', '--tenant', 'acme', '--name', 'first');
    const apiKey = printed.out.trimEnd();
    clock.advance(1000);
    await keys('create', '--tenant', 'other', '--name', 'second');
    expect(await keys('list')).toBe(0);
    expect(printed.out).toBe(
      'acme\t2026-01-01T00:00:00.000Z\tfirst\nother\t2026-01-01T00:00:01.000Z\tsecond\n',
    );
    expect(printed.out).not.toContain(hashApiKey(apiKey));
    await keys('list', '--tenant', 'other');
    expect(printed.out).toMatch(/^other\t.*\tsecond\n$/);
  });
});

describe('keys with wrong arguments', () => {
  it.each([
    [['revoke'], /missing required argument 'key'/],
    [['delete'], /unknown command 'delete'/],
    [['create', '--for', 'x'], /unknown option '--for'/],
    [[], /create.*revoke/s],
  ])('%j ends with 1, the reason and the usage', async (args, reason) => {
    const { keys, printed } = rig();
    expect(await keys(...args)).toBe(1);
    expect(printed.err).toMatch(reason);
    expect(printed.err).toMatch(/Usage: keys/);
  });

  it('asks for the table where none is named', async () => {
    const { keys, printed } = rig('');
    expect(await keys('create')).toBe(1);
    expect(printed.err).toMatch(/--table <TableName, an output of cdk deploy>/);
  });

  it('says where to look where the table is not there', async () => {
    const failing = keysProgram({
      records: () => {
        throw Object.assign(new Error('Requested resource not found'), { name: 'ResourceNotFoundException' });
      },
      table: () => memoryTable(memoryRecords()),
      clock: manualClock(),
      defaultTable: 'Gone',
      out: () => undefined,
      err: (text) => void said.push(text),
    });
    const said: string[] = [];
    expect(await failing(['create'])).toBe(1);
    expect(said.join('')).toMatch(/no table Gone.*AWS_REGION/);
  });
});
