import { createHash } from 'node:crypto';
import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { errorOf, filesRig, LINE } from '../files-rig.ts';
import {
  cancel,
  complete,
  createUpload,
  MiB,
  multipartUpload,
  partsOf,
  putOf,
  sendPart,
} from './uploads-rig.ts';

const HOUR_MS = 3_600_000;

describe('POST /v1/uploads', () => {
  it('answers an Upload that lives an hour, and one presigned PUT', async () => {
    const rig = filesRig();
    const { upload } = await createUpload(rig, LINE.length);
    const { slackline, ...theirs } = upload;
    const nowSeconds = rig.clock.nowMs() / 1000;
    expect(theirs).toEqual({
      id: expect.stringMatching(/^upload_[0-9a-f]{31}$/),
      object: 'upload',
      bytes: LINE.length,
      created_at: nowSeconds,
      expires_at: nowSeconds + 3600,
      filename: 'a.jsonl',
      purpose: 'batch',
      status: 'pending',
      file: null,
    } satisfies OpenAI.Upload);
    const headers = { 'if-none-match': '*', 'content-length': String(LINE.length) };
    expect(slackline).toEqual({ put: { url: expect.stringMatching(/^http/), headers } });
  });

  it('answers presigned parts above 100 MiB, at most 1,000 of at least 16 MiB', async () => {
    const rig = filesRig();
    expect('put' in (await createUpload(rig, 100 * MiB)).upload.slackline).toBe(true);
    for (const bytes of [100 * MiB + 1, 128 * MiB, 8 * 1024 * MiB]) {
      const { upload } = await createUpload(rig, bytes);
      const parts = partsOf(upload);
      expect(upload.slackline).toMatchObject({ part_bytes: 16 * MiB });
      expect(parts.map((part) => part.part_number)).toEqual(parts.map((_, i) => i + 1));
      expect(parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(bytes);
      expect(parts.slice(0, -1).every((part) => part.bytes === 16 * MiB)).toBe(true);
      expect(parts.length).toBeLessThanOrEqual(1000);
      expect(new Set(parts.map(({ url }) => url)).size).toBe(parts.length);
    }
  });

  it.each([
    [{ bytes: 0 }, 'bytes', /Expected a value >= 1/],
    [{ bytes: 8 * 1024 * MiB + 1 }, 'bytes', /Expected a value <= 8589934592/],
    [{ bytes: '9' }, 'bytes', /Invalid type for 'bytes'/],
    [{ filename: 'a.csv' }, 'filename', /^Invalid file format for Batch API. Must be .jsonl$/],
    [{ mime_type: undefined }, 'mime_type', /^Missing required parameter: 'mime_type'.$/],
    [{ purpose: 'fun' }, 'purpose', /^Invalid value: 'fun'/],
    [{ size: 9 }, 'size', /^Unknown parameter: 'size'.$/],
  ])('refuses %j', async (wrong, param, message) => {
    const rig = filesRig();
    const fields = { filename: 'a.jsonl', purpose: 'batch', mime_type: 'text/plain', bytes: 9, ...wrong };
    const answer = rig.call('/uploads', { method: 'POST', body: JSON.stringify(fields) });
    expect(await errorOf(answer)).toEqual({ status: 400, param, message: expect.stringMatching(message) });
    expect(rig.records.all()).toEqual([]);
  });
});

describe('the presigned way', () => {
  it('takes one PUT, and its MD5', async () => {
    const rig = filesRig();
    const { client, upload } = await createUpload(rig, LINE.length);
    const empty = await errorOf(complete(rig, upload.id, { part_ids: [] }));
    expect(empty).toMatchObject({ status: 400, message: expect.stringContaining('No bytes have come') });
    rig.presigner.send(putOf(upload).url, Buffer.from(LINE));
    const wrong = await errorOf(complete(rig, upload.id, { part_ids: [], md5: 'a'.repeat(32) }));
    expect(wrong).toMatchObject({ status: 400, param: 'md5' });
    const md5 = createHash('md5').update(LINE).digest('hex');
    const { file } = await client.uploads.complete(upload.id, { part_ids: [], md5 });
    expect(await (await client.files.content(file?.id ?? '')).text()).toBe(LINE);
  });

  it('says so where the client sent another number of bytes', async () => {
    const rig = filesRig();
    const { upload } = await createUpload(rig, LINE.length);
    rig.presigner.send(putOf(upload).url, Buffer.from(LINE + LINE));
    expect(await errorOf(complete(rig, upload.id, { part_ids: [] }))).toEqual({
      status: 400,
      param: 'bytes',
      message: expect.stringMatching(
        new RegExp(`^${2 * LINE.length} bytes were stored.*bytes = ${LINE.length}.*create a new Upload`),
      ),
    });
  });

  it('joins presigned parts, also where an answer was lost on the way', async () => {
    const rig = filesRig();
    const { client, upload } = await multipartUpload(rig, LINE.length);
    const [one, two] = partsOf(upload);
    rig.presigner.send(two?.url ?? '', Buffer.from(LINE.slice(20)));
    rig.presigner.send(one?.url ?? '', Buffer.from(LINE.slice(0, 20)));
    const { head } = rig.objects;
    rig.objects.head = async () => {
      rig.objects.head = head;
      throw new Error('lost');
    };
    expect((await complete(rig, upload.id, { part_ids: [] })).status).toBe(500);
    const { file } = await client.uploads.complete(upload.id, { part_ids: [] });
    expect(await (await client.files.content(file?.id ?? '')).text()).toBe(LINE);
    const refused = await multipartUpload(rig, LINE.length);
    const error = await errorOf(complete(rig, refused.upload.id, { part_ids: [], md5: 'a'.repeat(32) }));
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining('md5 cannot be verified') });
  });
});

it('asks for the parts that are missing, and goes on once they have come', async () => {
  const rig = filesRig();
  const { client, upload } = await multipartUpload(rig, LINE.length);
  const [one, two] = partsOf(upload);
  rig.presigner.send(one?.url ?? '', Buffer.from(LINE.slice(0, 20)));
  const error = await errorOf(complete(rig, upload.id, { part_ids: [] }));
  expect(error).toMatchObject({ status: 400, message: expect.stringContaining('Not all parts') });
  rig.presigner.send(two?.url ?? '', Buffer.from(LINE.slice(20)));
  expect((await client.uploads.complete(upload.id, { part_ids: [] })).status).toBe('completed');
});

describe('the end of an Upload', () => {
  it('is its cancellation, which clears what it left and stays', async () => {
    const rig = filesRig();
    const { client, upload } = await multipartUpload(rig, LINE.length);
    const part = await sendPart(client, upload.id, LINE);
    const cancelled = await client.uploads.cancel(upload.id);
    expect(cancelled).toMatchObject({ id: upload.id, status: 'cancelled', file: null });
    expect([rig.objects.keys(), rig.presigner.open()]).toEqual([[], []]);
    expect(await client.uploads.cancel(upload.id)).toEqual(cancelled);
    const error = await errorOf(complete(rig, upload.id, { part_ids: [part.id] }));
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining('is cancelled already') });
  });

  it('clears the bytes of a PUT as well', async () => {
    const rig = filesRig();
    const { client, upload } = await createUpload(rig, LINE.length);
    rig.presigner.send(putOf(upload).url, Buffer.from(LINE));
    await client.uploads.cancel(upload.id);
    expect(rig.objects.keys()).toEqual([]);
  });

  it('is its completion: it cannot be cancelled any more, and its File stays', async () => {
    const rig = filesRig();
    const { client, upload } = await createUpload(rig, LINE.length);
    rig.presigner.send(putOf(upload).url, Buffer.from(LINE));
    const { file } = await client.uploads.complete(upload.id, { part_ids: [] });
    const error = await errorOf(cancel(rig, upload.id));
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining('is completed already') });
    await client.files.delete(file?.id ?? '');
    const again = await client.uploads.complete(upload.id, { part_ids: [] });
    expect(again).toMatchObject({ status: 'completed', file: null });
  });

  it('is its hour: no part, no completion, no cancellation after it', async () => {
    const rig = filesRig();
    const { client, upload } = await createUpload(rig, LINE.length);
    const part = await sendPart(client, upload.id, LINE);
    rig.clock.advance(HOUR_MS);
    const message = expect.stringMatching(/expired at 2026-01-01T01:00:00.000Z.*Create a new Upload/);
    expect(await errorOf(complete(rig, upload.id, { part_ids: [part.id] }))).toMatchObject({
      status: 400,
      message,
    });
    expect(await errorOf(cancel(rig, upload.id))).toMatchObject({ status: 400, message });
    await expect(sendPart(client, upload.id, LINE)).rejects.toMatchObject({ status: 400, message });
  });
});

it.each([
  ['File', 'GET', `/files/file-${'0'.repeat(1100)}`],
  ['Upload', 'POST', `/uploads/upload_${'0'.repeat(1100)}/cancel`],
])('looks up no %s under an id longer than the store takes', async (kind, method, path) => {
  const rig = filesRig();
  rig.records.read = () => Promise.reject(new Error('The sort key has more than 1,024 bytes.'));
  const message = expect.stringMatching(`^No such ${kind} object: `);
  expect(await errorOf(rig.call(path, { method }))).toEqual({ status: 404, message, param: 'id' });
});

describe('an Upload of another tenant', () => {
  it.each(['parts', 'complete', 'cancel'])('answers %s as if it never was', async (action) => {
    const rig = filesRig();
    const { upload } = await createUpload(rig, LINE.length);
    const body = JSON.stringify({ part_ids: [] });
    const answer = rig.call(`/uploads/${upload.id}/${action}`, { method: 'POST', body }, 'other');
    expect(await errorOf(answer)).toEqual({
      status: 404,
      message: `No such Upload object: ${upload.id}`,
      param: 'id',
    });
  });
});
