import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { BatchId } from '../../../core/ids.ts';
import { recordKeys } from '../../../core/keys.ts';
import { ACME, BODY, batchesRig, errorOf, refusal } from './rig.ts';

const SERVED = "'/v1/chat/completions', '/v1/completions', '/v1/embeddings'";

async function created(answering: Promise<Response>): Promise<OpenAI.Batch> {
  const answer = await answering;
  expect(answer.status).toBe(200);
  return (await answer.json()) as OpenAI.Batch;
}

describe('POST /v1/batches', () => {
  it('counts a new Batch once, and logs it under the id of its request, which the Batch tells', async () => {
    const { post, emitted, logged } = batchesRig();
    const key = { 'Idempotency-Key': 'k1' };
    const made = await created(post(BODY, key));
    const again = await created(post(BODY, key));
    expect(emitted).toEqual([{ BatchesCreated: 1 }]);
    expect(logged).toMatchObject([
      { message: 'A Batch is created.', batchId: made.id, requestId: 'req-1' },
      { message: 'A Batch is there already.', batchId: made.id, requestId: 'req-2' },
    ]);
    for (const batch of [made, again]) expect(batch).toMatchObject({ slackline: { request_id: 'req-1' } });
  });

  it('hands the id of its request to the lifecycle', async () => {
    const { post, executions } = batchesRig();
    const { id } = await created(post(BODY));
    expect(executions.all()).toMatchObject([{ input: { batchId: id, requestId: 'req-1' } }]);
  });

  it('answers the SDK with a Batch in validating and starts its lifecycle once', async () => {
    const { clientOf, clock, executions, records } = batchesRig();
    const metadata = { team: 'search' };
    const made = await clientOf('acme').batches.create({ ...BODY, metadata });
    const nowSeconds = clock.nowMs() / 1000;
    expect(made).toMatchObject({
      ...BODY,
      id: expect.stringMatching(/^batch_[0-9a-f]{31}$/),
      object: 'batch',
      status: 'validating',
      model: null,
      errors: null,
      created_at: nowSeconds,
      expires_at: nowSeconds + 24 * 3600,
      request_counts: { total: 0, completed: 0, failed: 0 },
      metadata,
    });
    const name = `${made.id}-1`;
    expect(executions.all()).toMatchObject([{ machine: 'batch-lifecycle', name, running: true }]);
    expect(records.peek(recordKeys.openBatch(ACME, made.id as BatchId))).not.toBeNull();
  });

  it('takes an input File that is not there: intake reports it', async () => {
    expect((await created(batchesRig().post({ ...BODY, input_file_id: 'file-none' }))).status).toBe(
      'validating',
    );
  });

  it('keeps the Batch where its lifecycle cannot be started: the sweeper starts it', async () => {
    const start = () => Promise.reject(new Error('down'));
    const { post, records, warnings } = batchesRig({ executions: { start } });
    const { id } = await created(post(BODY));
    expect(records.peek(recordKeys.openBatch(ACME, id as BatchId))).not.toBeNull();
    expect(warnings).toEqual(['lifecycle not started, left to the sweeper']);
  });

  it.each([
    ['1m', 60],
    ['90m', 5400],
    ['36h', 129_600],
    ['30d', 2_592_000],
  ])('takes the completion window %s', async (window, seconds) => {
    const batch = await created(batchesRig().post({ ...BODY, completion_window: window }));
    expect(batch).toMatchObject({
      completion_window: window,
      expires_at: batch.created_at + Number(seconds),
    });
  });

  it('takes metadata up to its limits', async () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 16 }, (_, i) => [String(i).padEnd(64, 'k'), 'v'.repeat(512)]),
    );
    expect((await created(batchesRig().post({ ...BODY, metadata }))).metadata).toEqual(metadata);
  });

  it('counts output_expires_after from the output, so the Batch does not show it', async () => {
    const { post, records } = batchesRig();
    const expiry = { anchor: 'created_at', seconds: 3600 };
    const batch = await created(post({ ...BODY, output_expires_after: expiry }));
    expect(batch).not.toHaveProperty('output_expires_after');
    expect(records.peek(recordKeys.batch(ACME, batch.id as BatchId))?.outputExpiresAfterSeconds).toBe(3600);
  });
});

const without = (field: keyof typeof BODY) => ({ ...BODY, [field]: undefined });
const wrongWindow = (window: string) =>
  `Invalid completion_window: '${window}'. Supported values: '24h', or minutes, hours or days from '1m' to '30d'.`;
const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']));
const expiring = (seconds: unknown, anchor = 'created_at') => ({
  ...BODY,
  output_expires_after: { anchor, seconds },
});
const SECONDS = 'output_expires_after.seconds';

describe('a create that is refused with 400', () => {
  it.each(['input_file_id', 'endpoint', 'completion_window'] as const)('lacks %s', async (field) => {
    const message = `Missing required parameter: '${field}'.`;
    const expected = refusal(400, message, field, 'missing_required_parameter');
    expect(await errorOf(batchesRig().post(without(field)))).toEqual(expected);
  });

  it.each([
    [{ ...BODY, endpoint: '/v1/x' }, `Invalid endpoint: '/v1/x'. Supported values: ${SERVED}.`, 'endpoint'],
    [
      { ...BODY, endpoint: '/v1/responses' },
      `Invalid endpoint: '/v1/responses'. Supported values: ${SERVED}.`,
      'endpoint',
    ],
    ...['24', '0h', '31d', '721h', '1s', '', '1.5h', '-1h'].map(
      (window) => [{ ...BODY, completion_window: window }, wrongWindow(window), 'completion_window'] as const,
    ),
    [
      expiring(3600, 'now'),
      "Invalid value: 'now'. Supported values are: 'created_at'.",
      'output_expires_after.anchor',
    ],
  ] as const)('holds a value that is none of those supported: %j', async (body, message, param) => {
    const expected = refusal(400, message, param, 'invalid_value');
    expect(await errorOf(batchesRig().post(body))).toEqual(expected);
  });

  it.each([
    [{ ...BODY, metadata: { tags: ['a'] } }, 'metadata.tags', 'a string', 'an array'],
    [{ ...BODY, metadata: 'x' }, 'metadata', 'an object', 'a string'],
    [{ ...BODY, input_file_id: null }, 'input_file_id', 'a string', 'null'],
    [{ ...BODY, completion_window: 24 }, 'completion_window', 'a string', 'an integer'],
    [expiring('3600'), SECONDS, 'a number', 'a string'],
    [expiring(3600.5), SECONDS, 'an integer', 'a number'],
  ])('holds a value of the wrong type: %j', async (body, param, wanted, got) => {
    const message = `Invalid type for '${param}': expected ${wanted}, but got ${got} instead.`;
    expect(await errorOf(batchesRig().post(body))).toEqual(refusal(400, message, param, 'invalid_type'));
  });

  it.each([
    [
      expiring(3599),
      `Invalid '${SECONDS}': integer below minimum value. Expected a value >= 3600, but got 3599 instead.`,
      SECONDS,
      'integer_below_min_value',
    ],
    [
      expiring(2_592_001),
      `Invalid '${SECONDS}': integer above maximum value. Expected a value <= 2592000, but got 2592001 instead.`,
      SECONDS,
      'integer_above_max_value',
    ],
    [
      { ...BODY, metadata: pairs(17) },
      "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with 17 properties instead.",
      'metadata',
      'object_above_max_properties',
    ],
    [
      { ...BODY, metadata: { ['k'.repeat(65)]: 'v' } },
      "Invalid 'metadata': string too long. Expected a key with maximum length 64, but got one with length 65 instead.",
      'metadata',
      'string_above_max_length',
    ],
    [
      { ...BODY, metadata: { k: 'v'.repeat(513) } },
      "Invalid 'metadata.k': string too long. Expected a string with maximum length 512, but got one with length 513 instead.",
      'metadata.k',
      'string_above_max_length',
    ],
    [
      { ...BODY, input_file_id: 'f'.repeat(257) },
      "Invalid 'input_file_id': string too long. Expected a string with maximum length 256, but got a string with length 257 instead.",
      'input_file_id',
      'string_above_max_length',
    ],
  ])('goes beyond a limit', async (body, message, param, code) => {
    expect(await errorOf(batchesRig().post(body))).toEqual(refusal(400, message, param, code));
  });

  it.each([
    [[], 'an array'],
    ['x', 'a string'],
    [null, 'null'],
    [7, 'an integer'],
  ])('is no object: %j', async (body, got) => {
    const message = `Invalid request body: expected an object, but got ${got} instead.`;
    expect(await errorOf(batchesRig().post(body))).toEqual(refusal(400, message, null, 'invalid_type'));
  });

  it('is no JSON', async () => {
    const { call, records } = batchesRig();
    const refused = await errorOf(call('/batches', { method: 'POST', body: '{"a":' }));
    expect(refused).toMatchObject({ status: 400, param: null, code: null });
    expect(refused['message']).toMatch(/could not parse the JSON body/);
    expect(records.all()).toEqual([]);
  });
});
