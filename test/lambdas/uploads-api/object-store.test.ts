import { createHash } from 'node:crypto';
import type OpenAI from 'openai';
import { expect, it } from 'vitest';
import { s3Objects } from '../../../adapters/aws/objects.ts';
import { s3Presigner } from '../../../adapters/aws/presign.ts';
import type { DirectUpload } from '../../../core/wire/upload.ts';
import { Bucket, errorCode, MIB, runningS3 } from '../../local/s3/running-s3.ts';
import { errorOf, LINE, routesOver } from '../files-rig.ts';

/** The routes over the S3 wire, with the signatures, conditions and lengths that it checks. */
async function routesOverS3() {
  const { client, signer } = await runningS3();
  const objects = s3Objects(client, Bucket);
  const routes = routesOver({ objects, presigner: s3Presigner(signer, Bucket) });
  return { ...routes, objects, sdk: routes.clientOf('acme') };
}

async function create(sdk: OpenAI, bytes: number) {
  const fields = { filename: 'a.jsonl', purpose: 'batch', mime_type: 'application/jsonl' } as const;
  const upload = (await sdk.uploads.create({ ...fields, bytes })) as OpenAI.Upload & {
    readonly slackline: DirectUpload;
  };
  return { upload, direct: upload.slackline };
}

const md5Of = (text: string): string => createHash('md5').update(text).digest('hex');

it('takes a PUT of the declared length alone, once, and serves its File', async () => {
  const { call, objects, sdk } = await routesOverS3();
  const { upload, direct } = await create(sdk, LINE.length);
  if (!('put' in direct)) throw new Error('parts');
  const { url, headers } = direct.put;
  const none = await errorOf(
    call(`/uploads/${upload.id}/complete`, { method: 'POST', body: '{"part_ids":[]}' }),
  );
  expect(none).toMatchObject({ status: 400, message: expect.stringContaining('No bytes have come') });
  const { 'content-length': _length, ...unframed } = headers;
  const longer = await fetch(url, { method: 'PUT', body: `${LINE} `, headers: unframed });
  expect(longer.status).toBe(403);
  await longer.text();
  const statuses: number[] = [];
  for (let i = 0; i < 2; i++)
    statuses.push((await fetch(url, { method: 'PUT', body: LINE, headers })).status);
  expect(statuses).toEqual([200, 412]);
  const { file } = await sdk.uploads.complete(upload.id, { part_ids: [], md5: md5Of(LINE) });
  expect(await (await sdk.files.content(file?.id ?? '')).text()).toBe(LINE);
  await sdk.files.delete(file?.id ?? '');
  expect(await objects.list('tenants/')).toEqual([]);
});

it('joins presigned parts of their length alone, and sends a download of many bytes to the store', async () => {
  const { call, sdk } = await routesOverS3();
  const { upload, direct } = await create(sdk, 100 * MIB + 1);
  if (!('parts' in direct)) throw new Error('one PUT');
  for (const { url, headers, bytes, part_number } of direct.parts) {
    const shorter = await fetch(url, { method: 'PUT', body: new Uint8Array(bytes - 1) });
    expect([shorter.status, await errorCode(shorter)]).toEqual([403, 'SignatureDoesNotMatch']);
    const body = new Uint8Array(bytes).fill(part_number);
    expect((await fetch(url, { method: 'PUT', body, headers })).status).toBe(200);
  }
  const { file } = await sdk.uploads.complete(upload.id, { part_ids: [] });
  expect(file).toMatchObject({ bytes: 100 * MIB + 1, filename: 'a.jsonl' });
  const answer = await call(`/files/${file?.id}/content`);
  expect(answer.status).toBe(302);
  const download = await fetch(answer.headers.get('location') ?? '', { headers: { range: 'bytes=-2' } });
  expect(download.headers.get('content-disposition')).toContain('a.jsonl');
  const last = direct.parts.length;
  expect([...new Uint8Array(await download.arrayBuffer())]).toEqual([last, last]);
});

it('joins parts that came through the API, and stores nothing where their MD5 differs', async () => {
  const { call, objects, sdk } = await routesOverS3();
  const { upload } = await create(sdk, 2 * LINE.length);
  const send = () => sdk.uploads.parts.create(upload.id, { data: new File([LINE], 'part') });
  const part_ids = [(await send()).id, (await send()).id];
  const refused = call(`/uploads/${upload.id}/complete`, {
    method: 'POST',
    body: JSON.stringify({ part_ids, md5: md5Of('other') }),
  });
  expect(await errorOf(refused)).toMatchObject({ status: 400, param: 'md5' });
  expect(await objects.list('tenants/acme/files/')).toEqual([]);
  const { file } = await sdk.uploads.complete(upload.id, { part_ids, md5: md5Of(LINE + LINE) });
  expect(await (await sdk.files.content(file?.id ?? '')).text()).toBe(LINE + LINE);
  expect((await objects.list('tenants/')).map(({ key }) => key)).toEqual([`tenants/acme/files/${file?.id}`]);
});
