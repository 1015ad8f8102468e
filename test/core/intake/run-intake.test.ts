import { describe, expect, it } from 'vitest';
import type { LineError } from '../../../core/batch/batch.ts';
import { hashId } from '../../../core/finalize/id-digest.ts';
import { failIntake } from '../../../core/intake/fail-intake.ts';
import { type IntakePorts, runIntake } from '../../../core/intake/run-intake.ts';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import type { Objects } from '../../../core/ports.ts';
import { freshShards } from '../../../core/protocol/enrol.ts';
import { readIntakePlan } from '../../../core/protocol/intake.ts';
import { decodeShard } from '../../../core/shard/object.ts';
import { memoryObjects } from '../../fakes/objects.ts';
import { memoryRecords } from '../../fakes/records.ts';
import { RETENTION } from '../../fakes/retention.ts';
import { BATCH_ID, FILE_ID, FLEETS, lineOf, REF, submit, TENANT } from './fixtures.ts';

const portsOf = () => ({ records: memoryRecords(), objects: memoryObjects(), fleets: FLEETS });
const inputOf = (count: number): string =>
  Array.from({ length: count }, (_, i) => lineOf(`id-${i}`, { max_tokens: 1 })).join('\n');
const shardKeys = (objects: ReturnType<typeof memoryObjects>): readonly string[] =>
  objects.keys().filter((key) => key.includes('/shards/'));

async function failedErrors(ports: ReturnType<typeof portsOf>, input: string | Uint8Array) {
  const batch = await submit(ports, input);
  const result = await runIntake(ports, batch, 'try');
  if (result.kind !== 'failed') throw new Error('It was planned.');
  const bytes = ports.objects.peek(result.lists.errorsKey) ?? new Uint8Array();
  return { batch, lists: result.lists, errors: JSON.parse(Buffer.from(bytes).toString()) as LineError[] };
}

describe('runIntake', () => {
  it('plans a Batch of an adapter for the Fleet that has it, under the adapter’s name', async () => {
    const ports = portsOf();
    const result = await runIntake(
      ports,
      await submit(ports, lineOf('a', { model: 'small-formal' })),
      'try-1',
    );
    if (result.kind !== 'planned') throw new Error('It failed.');
    expect(result.plan).toMatchObject({ model: 'small-formal', fleetId: 'small' });
    expect(freshShards(REF, result.plan)).toMatchObject([{ model: 'small-formal', lines: 1 }]);
  });

  it('cuts the input into Shard objects that hold every Request, and records the plan', async () => {
    const ports = portsOf();
    const input = inputOf(10);
    const result = await runIntake(ports, await submit(ports, input), 'try-1');
    if (result.kind !== 'planned') throw new Error('It failed.');
    const { plan } = result;
    expect(plan).toMatchObject({ intakeAttempt: 'try-1', model: 'small-1', fleetId: 'small', lines: 10 });
    expect(plan.shards.map(({ number, lines }) => [number, lines])).toEqual([
      [0, 4],
      [1, 4],
      [2, 2],
    ]);
    const sum = Array.from({ length: 10 }, (_, i) =>
      BigInt(`0x${Buffer.from(hashId(`id-${i}`)).toString('hex')}`),
    );
    const expected = sum.reduce((a, b) => a + b) % (1n << 256n);
    expect(BigInt(`0x${plan.idDigest}`)).toBe(expected);

    const held = plan.shards.flatMap(({ objectKey }) =>
      decodeShard(ports.objects.peek(objectKey) ?? new Uint8Array()),
    );
    const lines = input.split('\n');
    expect(held.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const { line, customId, body } of held) {
      const submitted = JSON.parse(lines[line - 1] ?? '') as { custom_id: string; body: unknown };
      expect(customId).toBe(submitted.custom_id);
      expect(Buffer.from(body).toString()).toBe(JSON.stringify(submitted.body));
    }
    expect(ports.records.peek(recordKeys.batch(TENANT, BATCH_ID))?.plan).toMatchObject({
      shards: 3,
      lines: 10,
    });
    expect(ports.records.peek(recordKeys.file(TENANT, FILE_ID))?.pinnedBy).toEqual([]);
  });

  it('goes on with the plan that stands and removes its own Shards', async () => {
    const ports = portsOf();
    const batch = await submit(ports, inputOf(6));
    await runIntake(ports, batch, 'first');
    const raced: Objects = { ...ports.objects, get: lateGet(ports.objects) };
    const again = await runIntake({ ...ports, objects: raced }, batch, 'second');
    expect(again).toMatchObject({ kind: 'planned', plan: { intakeAttempt: 'first' } });
    expect(shardKeys(ports.objects).every((key) => key.includes('/first/'))).toBe(true);
    expect(await runIntake(ports, batch, 'third')).toEqual(again);
  });

  it('leaves the Shards where the answer to the plan was lost', async () => {
    const ports = portsOf();
    const batch = await submit(ports, inputOf(6));
    const putOnce: Objects['putOnce'] = async (key, body) => {
      const answer = await ports.objects.putOnce(key, body);
      if (key === objectKeys.intakePlan(TENANT, BATCH_ID)) throw new Error('The connection broke.');
      return answer;
    };
    const broken: IntakePorts = { ...ports, objects: { ...ports.objects, putOnce } };
    await expect(runIntake(broken, batch, 'first')).rejects.toThrow('broke');
    const result = await runIntake(ports, batch, 'second');
    if (result.kind !== 'planned') throw new Error('It failed.');
    expect(result.plan.intakeAttempt).toBe('first');
    expect(shardKeys(ports.objects)).toEqual(result.plan.shards.map(({ objectKey }) => objectKey));
  });

  it('removes its Shards where the store fails before the plan', async () => {
    const ports = portsOf();
    const batch = await submit(ports, inputOf(12));
    let puts = 0;
    const putOnce: Objects['putOnce'] = async (key, body) => {
      if (++puts === 2) throw new Error('No more room.');
      return ports.objects.putOnce(key, body);
    };
    const broken: IntakePorts = { ...ports, objects: { ...ports.objects, putOnce } };
    await expect(runIntake(broken, batch, 'first')).rejects.toThrow('No more room.');
    expect(shardKeys(ports.objects)).toEqual([]);
    expect(await readIntakePlan(ports.objects, REF)).toBeNull();
  });

  it('fails a bad file with its errors and leaves no Shard', async () => {
    const ports = portsOf();
    const { batch, errors, lists } = await failedErrors(ports, `${inputOf(9)}\n{\n${lineOf('id-3')}`);
    expect(errors.map(({ line, code }) => [line, code])).toEqual([
      [10, 'invalid_json_line'],
      [11, 'duplicate_custom_id'],
    ]);
    expect(lists.file).toBeNull();
    expect(shardKeys(ports.objects)).toEqual([]);
    expect(await failIntake(ports.records, batch, { lists, nowMs: 5_000, retention: RETENTION })).toBe(
      'failed',
    );
    const record = ports.records.peek(recordKeys.batch(TENANT, BATCH_ID));
    expect(record).toMatchObject({ phase: { kind: 'over', as: 'failed' }, times: { failedAtMs: 5_000 } });
    expect(ports.records.peek(recordKeys.file(TENANT, FILE_ID))?.pinnedBy).toEqual([]);
  });

  it('lists the first 1,000 errors and puts all of them into a File', async () => {
    const ports = portsOf();
    const { batch, errors, lists } = await failedErrors(ports, 'x\n'.repeat(1500));
    expect(errors).toHaveLength(1001);
    expect(errors[999]).toMatchObject({ line: 1000, code: 'invalid_json_line' });
    const file = lists.file;
    if (file === null) throw new Error('There is no file of all errors.');
    expect(errors[1000]?.message).toBe(
      `The first 1000 of 1500 errors are listed. All of them are in file ${file.id}.`,
    );
    const all = Buffer.from(ports.objects.peek(objectKeys.file(TENANT, file.id)) ?? [])
      .toString()
      .trimEnd();
    expect(all.split('\n').map((line) => (JSON.parse(line) as LineError).line)).toEqual(
      Array.from({ length: 1500 }, (_, i) => i + 1),
    );
    await failIntake(ports.records, batch, { lists, nowMs: 5_000, retention: RETENTION });
    expect(ports.records.peek(recordKeys.file(TENANT, file.id))).toMatchObject({
      purpose: 'batch_output',
      sizeBytes: all.length + 1,
    });
    expect((await runIntake(ports, batch, 'again')).kind).toBe('failed');
  });

  it('fails with input_modified where the object is another by now', async () => {
    const ports = portsOf();
    const batch = await submit(ports, inputOf(2));
    ports.objects.put(objectKeys.file(TENANT, FILE_ID), Buffer.from(inputOf(3)));
    await runIntake(ports, batch, 'try');
    expect(listed(ports)).toMatchObject([{ code: 'input_modified', param: 'file_id', line: null }]);
  });

  it('fails with OpenAI’s message where there is no such file', async () => {
    const ports = portsOf();
    await runIntake(ports, await submit(ports, '', { inputEtag: null }), 'try');
    expect(listed(ports)).toEqual([
      {
        code: 'invalid_request',
        message: 'Cannot find file file-1, or organization acme does not have access to it.',
        param: 'file_id',
        line: null,
      },
    ]);
  });
});

const listed = ({ objects }: ReturnType<typeof portsOf>): unknown =>
  JSON.parse(Buffer.from(objects.peek(objectKeys.errors(TENANT, BATCH_ID)) ?? []).toString());

/** Does not see the plan at first, as a step that runs at the same time. */
function lateGet(objects: Objects): Objects['get'] {
  let isEarly = true;
  return async (key) => {
    if (!isEarly) return objects.get(key);
    isEarly = false;
    return null;
  };
}
