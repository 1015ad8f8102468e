import { expect, it } from 'vitest';
import type { BatchId } from '../../../core/ids.ts';
import { resultLine } from '../../../core/wire/result-line.ts';

const of = { batchId: 'batch_1' as BatchId, line: 7, customId: 'my "own" id' };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const answered = (body: string, statusCode = 200) =>
  text(resultLine(of, { kind: 'answered', statusCode, body: Buffer.from(body) }));

it('is one line in the shape of the OpenAI Batch API', () => {
  const line = answered('{"choices":[]}');
  expect(line.endsWith('\n')).toBe(true);
  expect(JSON.parse(line)).toEqual({
    id: expect.stringMatching(/^batch_req_[0-9a-f]{32}$/),
    custom_id: 'my "own" id',
    response: {
      status_code: 200,
      request_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      body: { choices: [] },
    },
    error: null,
  });
});

it('is the same for every Attempt, and another for another line', () => {
  expect(answered('{}')).toBe(answered('{}'));
  const other = text(
    resultLine({ ...of, line: 8 }, { kind: 'answered', statusCode: 200, body: Buffer.from('{}') }),
  );
  expect(JSON.parse(other).id).not.toBe(JSON.parse(answered('{}')).id);
});

it('keeps the bytes of the body: numbers, order, spacing and escapes', () => {
  const body = '{"b": 1.0, "a":12345678901234567890,"t":"\\u00e9é\\n"}';
  expect(answered(body)).toContain(`"body":${body}}`);
});

it('takes line ends out of a body that is printed over several lines', () => {
  const body = JSON.stringify({ text: 'a\nb\r\nc', list: [1, 2] }, null, 2).replaceAll('\n', '\r\n');
  const line = answered(body);
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(line).not.toContain('\r');
  expect(JSON.parse(line).response.body).toEqual({ text: 'a\nb\r\nc', list: [1, 2] });
});

it('says why there is no answer', () => {
  const line = text(resultLine(of, { kind: 'unanswered', code: 'batch_expired', message: 'Too "late".' }));
  expect(JSON.parse(line)).toMatchObject({
    response: null,
    error: { code: 'batch_expired', message: 'Too "late".' },
  });
});
