import type OpenAI from 'openai';
import { toFile } from 'openai';
import { describe, expect, it } from 'vitest';
import type { BatchId, FileId, TenantId } from '../../../core/ids.ts';
import { recordKeys } from '../../../core/keys.ts';
import { MAX_BODY_BYTES } from '../../../core/wire/body-limit.ts';
import { errorOf, filesRig, LINE } from '../files-rig.ts';

const TENANT = 'acme' as TenantId;
const DAY_SECONDS = 24 * 3600;

const create = (client: OpenAI, name = 'requests.jsonl', body = LINE) =>
  client.files.create({ file: new File([body], name), purpose: 'batch' });

/** A form by hand: the order of its fields is that of the entries. */
function form(...entries: readonly (readonly [string, string | Blob, string?])[]): RequestInit {
  const body = new FormData();
  for (const [name, value, filename] of entries) {
    if (value instanceof Blob) body.append(name, value, filename);
    else body.append(name, value);
  }
  return { method: 'POST', body };
}
const batchForm = (body: string, name = 'a.jsonl') =>
  form(['file', new Blob([body]), name], ['purpose', 'batch']);

describe('POST /v1/files', () => {
  it('stores what the SDK sends and answers a File that is processed', async () => {
    const { clientOf, clock, objects } = filesRig();
    const client = clientOf('acme');
    const made = await create(client, 'prüfung 1.jsonl');
    const nowSeconds = clock.nowMs() / 1000;
    expect(made).toEqual({
      id: expect.stringMatching(/^file-[0-9a-f]{31}$/),
      object: 'file',
      bytes: LINE.length,
      created_at: nowSeconds,
      expires_at: nowSeconds + 30 * DAY_SECONDS,
      filename: 'prüfung 1.jsonl',
      purpose: 'batch',
      status: 'processed',
    } satisfies OpenAI.FileObject);
    expect(objects.keys()).toEqual([`tenants/acme/files/${made.id}`]);
    expect(await client.files.retrieve(made.id)).toEqual(made);
    expect(await client.files.waitForProcessing(made.id)).toEqual(made);
    const content = await client.files.content(made.id);
    expect(await content.text()).toBe(LINE);
    expect(content.headers.get('content-type')).toBe('application/octet-stream');
  });

  it('keeps bytes that are not text as they are', async () => {
    const client = filesRig().clientOf('acme');
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
    const made = await client.files.create({ file: await toFile(bytes, 'x.bin'), purpose: 'user_data' });
    expect(made).toMatchObject({ bytes: bytes.length, purpose: 'user_data' });
    expect(made.expires_at).toBeUndefined();
    expect(new Uint8Array(await (await client.files.content(made.id)).arrayBuffer())).toEqual(bytes);
  });

  it('takes fields on either side of the file, and expires_after', async () => {
    const { call, clock } = filesRig();
    const file = ['file', new Blob([LINE]), 'a.jsonl'] as const;
    const fields = [
      ['purpose', 'batch'],
      ['expires_after[anchor]', 'created_at'],
      ['expires_after[seconds]', '3600'],
    ] as const;
    for (const init of [form(file, ...fields), form(...fields, file)]) {
      const made = (await (await call('/files', init)).json()) as OpenAI.FileObject;
      expect(made.expires_at).toBe(clock.nowMs() / 1000 + 3600);
    }
  });

  it.each(['blob', 'upload', 'unknown_file'])('takes %s, the name of what has none', async (name) => {
    const { clientOf } = filesRig();
    expect((await create(clientOf('acme'), name)).filename).toBe(`${name}.jsonl`);
  });

  it('passes over blank lines before the first Request, as intake does', async () => {
    expect((await filesRig().call('/files', batchForm(`\r\n${LINE}`))).status).toBe(200);
  });

  it('takes a file without a name', async () => {
    const body = `--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n${LINE}\r\n--b--\r\n`;
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const answer = await filesRig().call('/files', { method: 'POST', body, headers });
    expect(await answer.json()).toMatchObject({ filename: 'upload.jsonl', bytes: LINE.length });
  });

  it.each([
    [
      'a name that is not .jsonl',
      batchForm(LINE, 'a.csv'),
      /^Invalid file format for Batch API. Must be .jsonl$/,
      'file',
    ],
    ['no bytes', batchForm(''), /empty/, 'file'],
    ['blank lines alone', batchForm('\r\n \n'), /empty/, 'file'],
    ['no JSON behind a blank line', batchForm('\n{\n'), /Line 2 is not valid JSON/, 'file'],
    ['a first line that is not JSON', batchForm(`{"a":\n${LINE}`), /Line 1 is not valid JSON/, 'file'],
    ['a byte order mark', batchForm(`\uFEFF${LINE}`), /byte order mark/, 'file'],
    ['no file', form(['purpose', 'batch']), /^Missing required parameter: 'file'.$/, 'file'],
    [
      'no purpose',
      form(['file', new Blob([LINE]), 'a.jsonl']),
      /^Missing required parameter: 'purpose'.$/,
      'purpose',
    ],
    [
      'an unknown purpose',
      form(['file', new Blob([LINE]), 'a.jsonl'], ['purpose', 'fun']),
      /^Invalid value: 'fun'. Supported values are: 'assistants', 'batch'/,
      'purpose',
    ],
    [
      'a life that is too short',
      form(
        ['file', new Blob([LINE]), 'a.jsonl'],
        ['purpose', 'batch'],
        ['expires_after[anchor]', 'created_at'],
        ['expires_after[seconds]', '60'],
      ),
      /Expected a value >= 3600, but got 60 instead/,
      'expires_after.seconds',
    ],
    [
      'JSON instead of a form',
      { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } },
      /multipart\/form-data/,
      null,
    ],
    [
      'a form that is cut off',
      {
        method: 'POST',
        body: '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n{}',
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
      },
      /could not parse the multipart body/,
      null,
    ],
  ] as const)('refuses %s with 400 and stores nothing', async (_case, init, message, param) => {
    const { call, objects, records } = filesRig();
    expect(await errorOf(call('/files', init))).toEqual({
      status: 400,
      message: expect.stringMatching(message),
      param,
    });
    expect([objects.keys(), records.all()]).toEqual([[], []]);
  });

  it('refuses what the gateway would not carry, and tells the way that works', async () => {
    const { call, clientOf } = filesRig();
    const fits = LINE.repeat(Math.floor((4 * 1024 * 1024) / LINE.length));
    expect((await create(clientOf('acme'), 'a.jsonl', fits)).bytes).toBe(fits.length);
    const error = await errorOf(call('/files', batchForm('{}\n'.repeat(MAX_BODY_BYTES / 3))));
    expect(error.status).toBe(413);
    expect(error.message).toMatch(/POST \/v1\/uploads.*presigned upload/);
  });
});

describe('GET /v1/files', () => {
  async function withFiles(count: number) {
    const rig = filesRig();
    const client = rig.clientOf('acme');
    const ids: string[] = [];
    for (let i = 0; i < count; i++) {
      rig.clock.advance(1000);
      ids.push((await create(client, `${i}.jsonl`)).id);
    }
    return { ...rig, client, ids };
  }

  it('pages newest first as the SDK does, or oldest first', async () => {
    const { call, client, ids } = await withFiles(5);
    const paged: string[] = [];
    for await (const file of client.files.list({ limit: 2 })) paged.push(file.id);
    expect(paged).toEqual([...ids].reverse());
    const oldest = await client.files.list({ limit: 2, order: 'asc' });
    expect(oldest.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const raw = await (await call('/files?limit=2&order=asc')).json();
    expect(raw).toMatchObject({ object: 'list', first_id: ids[0], last_id: ids[1], has_more: true });
    const rest = await client.files.list({ order: 'asc', after: ids[1] ?? '' });
    expect(rest.data.map(({ id }) => id)).toEqual(ids.slice(2));
    expect(rest.has_more).toBe(false);
  });

  it('shows neither what has expired nor what is of another purpose or tenant', async () => {
    const { client, clientOf, clock, ids } = await withFiles(3);
    const kept = await client.files.create({
      file: await toFile(Buffer.from('x'), 'x'),
      purpose: 'user_data',
    });
    const batches = await client.files.list({ purpose: 'batch', limit: 3, order: 'asc' });
    expect(batches.data.map(({ id }) => id)).toEqual(ids);
    expect(batches.has_more).toBe(false);
    clock.advance(30 * DAY_SECONDS * 1000);
    expect((await client.files.list()).data.map(({ id }) => id)).toEqual([kept.id]);
    await expect(client.files.retrieve(ids[0] ?? '')).rejects.toMatchObject({ status: 404 });
    expect((await clientOf('other').files.list()).data).toEqual([]);
  });

  it('goes on over Files that the filter leaves out until the page is full', async () => {
    const { client, ids } = await withFiles(4);
    for (let i = 0; i < 3; i++) {
      await client.files.create({ file: await toFile(Buffer.from('x'), 'x'), purpose: 'user_data' });
    }
    const page = await client.files.list({ purpose: 'batch', limit: 1 });
    expect(page.data.map(({ id }) => id)).toEqual(ids.slice(3));
    expect(page.has_more).toBe(true);
  });

  it.each([
    ['limit=0', 'limit', /integer below minimum value. Expected a value >= 1/],
    ['limit=10001', 'limit', /integer above maximum value. Expected a value <= 10000, but got 10001 instead/],
    ['limit=many', 'limit', /Invalid type for 'limit'/],
    ['order=up', 'order', /'asc', 'desc'/],
    ['after=3', 'after', /file-…/],
    [`after=file-${'0'.repeat(60)}`, 'after', /file-…/],
  ])('refuses %s', async (query, param, message) => {
    const error = await errorOf(filesRig().call(`/files?${query}`));
    expect(error).toEqual({ status: 400, param, message: expect.stringMatching(message) });
  });
});

describe('DELETE /v1/files/{file_id}', () => {
  it('removes record and bytes', async () => {
    const { clientOf, objects, records } = filesRig();
    const client = clientOf('acme');
    const { id } = await create(client);
    expect(await client.files.delete(id)).toEqual({ id, object: 'file', deleted: true });
    expect([objects.keys(), records.all()]).toEqual([[], []]);
    await expect(client.files.delete(id)).rejects.toMatchObject({ status: 404, param: 'id' });
  });

  it('refuses while a Batch still has to read the File, also when it has expired since', async () => {
    const { call, clientOf, clock, objects, records } = filesRig();
    const client = clientOf('acme');
    const { id } = await create(client);
    const key = recordKeys.file(TENANT, id as FileId);
    const file = records.peek(key);
    if (file === null) throw new Error('no File');
    const pin = (...pinnedBy: readonly string[]) =>
      records.change(key, () => ({
        kind: 'put',
        record: { ...file, pinnedBy: pinnedBy as readonly BatchId[] },
        result: null,
      }));
    await pin('batch_7');
    clock.advance(31 * DAY_SECONDS * 1000);
    const answer = await call(`/files/${id}`, { method: 'DELETE' });
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(await errorOf(answer)).toEqual({
      status: 409,
      param: 'id',
      message: expect.stringContaining('batch_7'),
    });
    expect(objects.keys()).toHaveLength(1);
    await pin();
    await expect(client.files.retrieve(id)).rejects.toMatchObject({ status: 404 });
  });
});

describe('GET /v1/files/{file_id}/content', () => {
  it('sends the client to the store where the bytes are many', async () => {
    const { call, clientOf, objects, records } = filesRig();
    const { id } = await create(clientOf('acme'));
    const key = recordKeys.file(TENANT, id as FileId);
    const resize = (sizeBytes: number) =>
      records.change(key, (file) => ({ kind: 'put', record: { ...file, sizeBytes } as never, result: null }));
    await resize(4 * 1024 * 1024);
    expect((await call(`/files/${id}/content`)).status).toBe(200);
    await resize(4 * 1024 * 1024 + 1);
    const answer = await call(`/files/${id}/content`);
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe(
      `http://objects.test/${objects.keys()[0]}?filename=requests.jsonl`,
    );
  });
});

describe('a File of another tenant', () => {
  it.each([
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/content'],
  ])('%s {id}%s answers as if it never was', async (method, path) => {
    const { call, clientOf, objects } = filesRig();
    const { id } = await create(clientOf('acme'));
    expect(await errorOf(call(`/files/${id}${path}`, { method }, 'other'))).toEqual({
      status: 404,
      message: `No such File object: ${id}`,
      param: 'id',
    });
    expect(objects.keys()).toHaveLength(1);
  });
});
