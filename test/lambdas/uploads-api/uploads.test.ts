import { createHash } from 'node:crypto';
import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { FileId, TenantId, UploadId } from '../../../core/ids.ts';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import type { DirectUpload } from '../../../core/wire/upload.ts';
import { errorOf, filesRig, LINE } from '../files-rig.ts';

const TENANT = 'acme' as TenantId;
const MiB = 1024 * 1024;
const HOUR_MS = 3_600_000;

type Rig = ReturnType<typeof filesRig>;
type Created = OpenAI.Upload & { readonly slackline: DirectUpload };

async function createUpload(rig: Rig, bytes: number, rest: Partial<OpenAI.UploadCreateParams> = {}) {
  const client = rig.clientOf('acme');
  const fields = { filename: 'a.jsonl', purpose: 'batch', mime_type: 'application/jsonl' } as const;
  const upload = (await client.uploads.create({ ...fields, bytes, ...rest })) as Created;
  return { client, upload };
}

const sendPart = (client: OpenAI, uploadId: string, text: string) =>
  client.uploads.parts.create(uploadId, { data: new File([text], 'part') });

function partsOf({ slackline }: Created) {
  if (!('parts' in slackline)) throw new Error('one PUT');
  return slackline.parts;
}
function putOf({ slackline }: Created) {
  if (!('put' in slackline)) throw new Error('parts');
  return slackline.put;
}

/** An Upload of parts, declared as small as its bytes: the fakes hold no hundreds of megabytes. */
async function multipartUpload(rig: Rig, sizeBytes: number) {
  const { client, upload } = await createUpload(rig, 120 * MiB);
  await rig.records.change(recordKeys.upload(TENANT, upload.id as UploadId), (current) => ({
    kind: 'put',
    record: { ...current, sizeBytes } as never,
    result: null,
  }));
  return { client, upload };
}

const complete = (rig: Rig, id: string, body: unknown, tenant?: string) =>
  rig.call(`/uploads/${id}/complete`, { method: 'POST', body: JSON.stringify(body) }, tenant);
const cancel = (rig: Rig, id: string) => rig.call(`/uploads/${id}/cancel`, { method: 'POST' });

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

describe('the flow of the SDK: parts through the API', () => {
  it('joins parts in the order that complete names, checks their MD5, and clears them', async () => {
    const rig = filesRig();
    const whole = LINE.repeat(3);
    const { client, upload } = await createUpload(rig, whole.length, {
      expires_after: { anchor: 'created_at', seconds: 7200 },
    });
    const second = await sendPart(client, upload.id, whole.slice(50));
    expect(second).toEqual({
      id: expect.stringMatching(/^part_[0-9a-f]{31}$/),
      object: 'upload.part',
      created_at: rig.clock.nowMs() / 1000,
      upload_id: upload.id,
    });
    const first = await sendPart(client, upload.id, whole.slice(0, 50));
    await sendPart(client, upload.id, 'not named, so not in the file');
    const md5 = createHash('md5').update(whole).digest('hex');
    rig.clock.advance(5000);
    const body = { part_ids: [first.id, second.id], md5 };
    const completed = await client.uploads.complete(upload.id, body);
    const { file } = completed;
    expect(completed).toMatchObject({ id: upload.id, status: 'completed' });
    expect(file).toEqual({
      id: expect.stringMatching(/^file-/),
      object: 'file',
      bytes: whole.length,
      created_at: rig.clock.nowMs() / 1000,
      expires_at: rig.clock.nowMs() / 1000 + 7200,
      filename: 'a.jsonl',
      purpose: 'batch',
      status: 'processed',
    } satisfies OpenAI.FileObject);
    const fileId = (file?.id ?? '') as FileId;
    expect(rig.objects.keys()).toEqual([objectKeys.file(TENANT, fileId)]);
    expect(await (await client.files.content(fileId)).text()).toBe(whole);
    expect(rig.records.peek(recordKeys.file(TENANT, fileId))?.etag).toBe(`"${md5}"`);
    rig.clock.advance(60_000);
    expect(await client.uploads.complete(upload.id, body)).toEqual(completed);
  });

  it('works on an Upload with presigned parts too, whose multipart upload then ends', async () => {
    const rig = filesRig();
    const { client, upload } = await multipartUpload(rig, LINE.length);
    const part = await sendPart(client, upload.id, LINE);
    expect(rig.presigner.open()).toHaveLength(1);
    await client.uploads.complete(upload.id, { part_ids: [part.id] });
    expect(rig.presigner.open()).toEqual([]);
  });

  it('refuses what does not fit, stores nothing, and takes a better try', async () => {
    const rig = filesRig();
    const { client, upload } = await createUpload(rig, LINE.length);
    const a = await sendPart(client, upload.id, LINE.slice(0, 9));
    const b = await sendPart(client, upload.id, LINE.slice(9));
    const before = rig.objects.keys();
    const md5 = createHash('md5').update(LINE).digest('hex');
    const refusals = [
      [{ part_ids: [a.id] }, 'part_ids', `bytes = ${LINE.length}`],
      [{ part_ids: [a.id, 'part_0'] }, 'part_ids.1', 'has no part part_0'],
      [{ part_ids: [b.id, a.id], md5 }, 'md5', 'Check the order of part_ids'],
      [{ part_ids: [a.id, b.id], md5: 'x' }, 'md5', '32 hex digits'],
      [{ part_ids: ['../x'] }, 'part_ids.0', 'expected ids of parts'],
      [{}, 'part_ids', "Missing required parameter: 'part_ids'."],
    ] as const;
    for (const [body, param, message] of refusals) {
      expect(await errorOf(complete(rig, upload.id, body))).toEqual({
        status: 400,
        param,
        message: expect.stringContaining(message),
      });
    }
    expect(rig.objects.keys()).toEqual(before);
    const done = await client.uploads.complete(upload.id, { part_ids: [a.id, b.id], md5: md5.toUpperCase() });
    expect(done.status).toBe('completed');
  });

  it('takes no part of another Upload', async () => {
    const rig = filesRig();
    const { client, upload } = await createUpload(rig, LINE.length);
    const other = await createUpload(rig, LINE.length);
    const part = await sendPart(client, other.upload.id, LINE);
    expect((await errorOf(complete(rig, upload.id, { part_ids: [part.id] }))).message).toContain(
      'has no part',
    );
  });

  it('says so where other bytes lie under the key', async () => {
    const rig = filesRig();
    const { client, upload } = await createUpload(rig, LINE.length);
    rig.presigner.send(putOf(upload).url, Buffer.from('other bytes'));
    const part = await sendPart(client, upload.id, LINE);
    const error = await errorOf(complete(rig, upload.id, { part_ids: [part.id] }));
    expect(error).toMatchObject({
      status: 400,
      message: expect.stringContaining('Other bytes were already stored'),
    });
  });

  it('answers both of two calls at a time with the same File', async () => {
    const rig = filesRig();
    const { client, upload } = await createUpload(rig, 40 * LINE.length);
    const part = await sendPart(client, upload.id, LINE.repeat(40));
    const body = { part_ids: [part.id] };
    const answers = await Promise.all([
      client.uploads.complete(upload.id, body),
      client.uploads.complete(upload.id, body),
    ]);
    expect(answers[0].file?.id).toMatch(/^file-/);
    expect(answers[1]).toEqual(answers[0]);
    const files = rig.records.all().filter(({ sk }) => sk.startsWith('FILE#'));
    expect(files).toMatchObject([{ revision: 1 }]);
  });

  it('answers the completed Upload where the parts were cleared under a second call', async () => {
    const rig = filesRig();
    const { client, upload } = await createUpload(rig, LINE.length);
    const part = await sendPart(client, upload.id, LINE);
    const body = { part_ids: [part.id] };
    const { list } = rig.objects;
    let first: OpenAI.Upload | null = null;
    rig.objects.list = async (prefix) => {
      rig.objects.list = list;
      const seen = await list(prefix);
      first = await client.uploads.complete(upload.id, body);
      return seen;
    };
    const second = await client.uploads.complete(upload.id, body);
    expect(second).toEqual(first);
    expect(second.status).toBe('completed');
  });

  it('names the presigned way where parts would be too large or too many to join', async () => {
    const rig = filesRig();
    const { upload } = await createUpload(rig, 1024 * MiB + 1);
    const init = (bytes: number): RequestInit => {
      const body = new FormData();
      body.append('data', new Blob([new Uint8Array(bytes)]));
      return { method: 'POST', body };
    };
    const path = `/uploads/${upload.id}/parts`;
    const many = await errorOf(rig.call(path, init(10)));
    expect(many).toMatchObject({ status: 400, message: expect.stringContaining('presigned upload URLs') });
    const large = await errorOf(rig.call(path, init(5 * MiB)));
    expect(large).toMatchObject({ status: 413, message: expect.stringContaining('parts of at most 4 MiB') });
    expect(rig.objects.keys()).toEqual([]);
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
