import { describe, expect, it } from 'vitest';
import { checkLine } from '../../../core/intake/check-line.ts';
import { CHAT, FLEETS, lineOf } from './fixtures.ts';

const check = (line: string | Uint8Array, endpoint = CHAT) =>
  checkLine(7, Buffer.from(line), { endpoint, fleets: FLEETS });
const errorsOf = (line: string | Uint8Array, endpoint = CHAT) =>
  check(line, endpoint).errors.map(({ code, param }) => `${code} ${param}`);

describe('checkLine', () => {
  it('takes a good line and keeps its body byte for byte', () => {
    const body = '{"model":"small-1", "messages":[],"temperature":1.0,"seed":12345678901234567890}';
    const checked = check(`{"custom_id":"a","method":"POST","url":"${CHAT}","body": ${body} }`);
    expect(checked.errors).toEqual([]);
    expect(Buffer.from(checked.bodyBytes).toString()).toBe(body);
    expect(checked.served).toMatchObject({ model: 'small-1', fleet: { id: 'small' } });
  });

  it('carries the line number and OpenAI’s message', () => {
    expect(check('{').errors).toEqual([
      {
        code: 'invalid_json_line',
        message: 'This line is not parseable as valid JSON.',
        param: null,
        line: 7,
      },
    ]);
    expect(check(lineOf('a', {}, { url: '/v1/x' })).errors[0]?.message).toBe(
      'The URL provided for this request does not match the batch endpoint.',
    );
    expect(check(lineOf('a', { model: 'gpt-9' })).errors[0]?.message).toBe(
      "The provided model 'gpt-9' is not supported by the Batch API.",
    );
    expect(check(lineOf('a', { stream: true })).errors[0]?.message).toBe(
      'Chat Completions: Streaming is not supported in the Batch API.',
    );
    expect(check(lineOf(undefined)).errors[0]?.message).toBe("Missing required parameter: 'custom_id'.");
    expect(check(lineOf(5)).errors[0]?.message).toBe(
      "Invalid type for 'custom_id': expected a string, but got a number instead.",
    );
    expect(check(lineOf('a', { messages: undefined })).errors[0]?.message).toBe(
      'Messages parameter is required.',
    );
  });

  it.each([
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), ['invalid_json_line null']],
    ['an array', '[1]', ['invalid_json_line null']],
    ['null', 'null', ['invalid_json_line null']],
    ['an empty custom_id', lineOf(''), ['missing_required_parameter custom_id']],
    ['half a surrogate pair', lineOf('\ud800'), ['invalid_request custom_id']],
    ['a null method', lineOf('a', {}, { method: null }), ['missing_required_parameter method']],
    ['GET', lineOf('a', {}, { method: 'GET' }), ['invalid_request method']],
    ['no url', lineOf('a', {}, { url: undefined }), ['missing_required_parameter url']],
    ['a url that is no string', lineOf('a', {}, { url: 1 }), ['invalid_request url']],
    ['no body', lineOf('a', {}, { body: undefined }), ['missing_required_parameter body']],
    ['a body that is no object', lineOf('a', {}, { body: [] }), ['invalid_request body']],
    ['no model', lineOf('a', { model: undefined }), ['invalid_request body.model']],
    ['a model that is no string', lineOf('a', { model: 3 }), ['invalid_request body.model']],
    ['stream false', lineOf('a', { stream: false }), []],
    [
      'everything at once',
      '{"method":"PUT","url":"x","body":{"stream":true}}',
      [
        'missing_required_parameter custom_id',
        'invalid_request method',
        'invalid_url url',
        'streaming_unsupported body.stream',
        'invalid_request body.messages',
        'invalid_request body.model',
      ],
    ],
  ])('names what is wrong with %s', (_, line, errors) => expect(errorsOf(line)).toEqual(errors));

  it.each([
    ['/v1/completions', 'small-1', {}, ['prompt']],
    ['/v1/embeddings', 'embed-1', {}, ['input']],
    ['/v1/rerank', 'rank-1', { documents: ['a'] }, ['query']],
    ['/v1/rerank', 'rank-1', { query: 'a', documents: ['a'] }, []],
    ['/v1/score', 'rank-1', {}, ['queries', 'documents']],
    ['/v1/score', 'rank-1', { items: ['a'] }, ['queries']],
    ['/v1/score', 'rank-1', { text_2: 'a' }, ['text_1']],
    ['/v1/score', 'rank-1', { data_1: 'a', data_2: 'b' }, []],
  ])('of %s and %s with %j asks for %j', (url, model, body, missing) => {
    const errors = missing.map((name) => `invalid_request body.${name}`);
    expect(errorsOf(lineOf('a', { model, ...body }, { url }), url)).toEqual(errors);
  });

  it('serves an adapter on the Fleet that has it, under its own name', () => {
    const { served, errors } = check(lineOf('a', { model: 'small-formal' }));
    expect(errors).toEqual([]);
    expect(served).toMatchObject({ model: 'small-formal', fleet: { id: 'small' } });
    expect(errorsOf(lineOf('a', { model: 'small-other' }))).toEqual(['model_not_found body.model']);
  });

  it('refuses a model that does not serve the endpoint', () => {
    const [error] = check(lineOf('a', { model: 'embed-1' })).errors;
    expect(error?.message).toBe(`The model 'embed-1' does not serve ${CHAT}. It serves: /v1/embeddings.`);
  });
});
