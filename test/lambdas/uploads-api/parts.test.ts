import { createHash } from 'node:crypto';
import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { FileId } from '../../../core/ids.ts';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import { errorOf, filesRig, LINE } from '../files-rig.ts';
import { complete, createUpload, MiB, multipartUpload, putOf, sendPart, TENANT } from './uploads-rig.ts';

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
      message: expect.stringContaining('Other bytes are stored'),
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
