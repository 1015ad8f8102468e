import { request } from 'node:http';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect, it, vi } from 'vitest';
import { Bucket, blobsIn, connect, credentials, errorCode, refusal, runningS3 } from './running-s3.ts';

const ONE_HOUR = { expiresIn: 3600 };

it('takes one PUT by a URL signed with If-None-Match and answers the second 412', async () => {
  const { signer } = await runningS3();
  const command = new PutObjectCommand({ Bucket, Key: 'in.jsonl', IfNoneMatch: '*' });
  const url = await getSignedUrl(signer, command, {
    ...ONE_HOUR,
    unhoistableHeaders: new Set(['if-none-match']),
  });
  const put = (body: string) => fetch(url, { method: 'PUT', body, headers: { 'if-none-match': '*' } });
  expect((await put('first')).status).toBe(200);
  const second = await put('second');
  expect([second.status, await errorCode(second)]).toEqual([412, 'PreconditionFailed']);
  const got = await signer.send(new GetObjectCommand({ Bucket, Key: 'in.jsonl' }));
  expect(await got.Body?.transformToString()).toBe('first');
});

it('refuses a PUT that leaves out the If-None-Match it was signed with', async () => {
  const { signer } = await runningS3();
  const command = new PutObjectCommand({ Bucket, Key: 'k', IfNoneMatch: '*' });
  const url = await getSignedUrl(signer, command, ONE_HOUR);
  const response = await fetch(url, { method: 'PUT', body: 'x' });
  expect([response.status, await errorCode(response)]).toEqual([403, 'SignatureDoesNotMatch']);
});

it('serves a presigned GET until it expires', async () => {
  let nowMs = Date.parse('2030-01-01T00:00:00Z');
  const { client, signer } = await runningS3({ nowMs: () => nowMs });
  const signingDate = new Date(nowMs);
  const put = await getSignedUrl(signer, new PutObjectCommand({ Bucket, Key: 'k' }), {
    ...ONE_HOUR,
    signingDate,
  });
  await fetch(put, { method: 'PUT', body: 'kept' });
  const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'k' }), {
    ...ONE_HOUR,
    signingDate,
  });
  nowMs += 3_600_000;
  expect(await (await fetch(url)).text()).toBe('kept');
  nowMs += 1000;
  const expired = await fetch(url);
  const document = await expired.text();
  expect(expired.status).toBe(403);
  expect(document).toContain('<Code>AccessDenied</Code><Message>Request has expired</Message>');
  expect(document).toContain('<Expires>2030-01-01T01:00:00.000Z</Expires>');
});

it('refuses a URL whose path or query was changed', async () => {
  const { client } = await runningS3();
  const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'mine' }), ONE_HOUR);
  const tampered = [
    url.replace('/mine?', '/theirs?'),
    url.replace('X-Amz-Expires=3600', 'X-Amz-Expires=7200'),
    `${url}&response-content-type=text%2Fhtml`,
  ];
  for (const changed of tampered) {
    expect(await errorCode(await fetch(changed))).toBe('SignatureDoesNotMatch');
  }
});

it('refuses a presigned request that carries an Authorization header too', async () => {
  const { client } = await runningS3();
  const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'k' }), ONE_HOUR);
  const response = await fetch(url, { headers: { authorization: 'Bearer sk-local' } });
  const document = await response.text();
  expect(response.status).toBe(400);
  expect(document).toContain('<Code>InvalidArgument</Code><Message>Only one auth mechanism allowed');
});

it('refuses a request without a signature', async () => {
  const { url } = await runningS3();
  const response = await fetch(`${url}/${Bucket}/k`);
  expect([response.status, await errorCode(response)]).toEqual([403, 'AccessDenied']);
});

it('refuses an x-amz header that the signature does not cover', async () => {
  const { signer } = await runningS3();
  const url = await getSignedUrl(signer, new PutObjectCommand({ Bucket, Key: 'k' }), ONE_HOUR);
  const headers = { 'x-amz-meta-tenant': 'other' };
  const response = await fetch(url, { method: 'PUT', body: 'x', headers });
  expect([response.status, await errorCode(response)]).toEqual([403, 'AccessDenied']);
});

it('refuses a lifetime over seven days', async () => {
  const { client } = await runningS3();
  const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'k' }), ONE_HOUR);
  const response = await fetch(url.replace('X-Amz-Expires=3600', 'X-Amz-Expires=604801'));
  expect(await errorCode(response)).toBe('AuthorizationQueryParametersError');
});

it('refuses another access key, another secret, and a clock that is too far off', async () => {
  const { url } = await runningS3();
  const get = new GetObjectCommand({ Bucket, Key: 'k' });
  const refusedWith = async (config: Parameters<typeof connect>[1]) =>
    (await refusal(connect(url, config).send(get))).name;
  expect(await refusedWith({ credentials: { ...credentials, accessKeyId: 'other' } })).toBe(
    'InvalidAccessKeyId',
  );
  expect(await refusedWith({ credentials: { ...credentials, secretAccessKey: 'other' } })).toBe(
    'SignatureDoesNotMatch',
  );
  expect(await refusedWith({ systemClockOffset: 16 * 60_000 })).toBe('RequestTimeTooSkewed');
});

it('refuses the checksum of an empty body that a presigner with default settings signs into the URL', async () => {
  const { client } = await runningS3();
  const url = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: 'k' }), ONE_HOUR);
  expect(url).toContain('x-amz-checksum-crc32=AAAAAA');
  const response = await fetch(url, { method: 'PUT', body: 'not empty' });
  expect([response.status, await errorCode(response)]).toEqual([400, 'BadDigest']);
});

it('refuses a PUT over 5 GiB before any of it is sent', async () => {
  const { signer } = await runningS3();
  const url = await getSignedUrl(signer, new PutObjectCommand({ Bucket, Key: 'k' }), ONE_HOUR);
  const refused = await new Promise<string>((resolve, reject) => {
    const headers = { 'content-length': 5 * 1024 ** 3 + 1, expect: '100-continue' };
    const put = request(url, { method: 'PUT', headers }, async (response) => {
      resolve(`${response.statusCode} ${await response.toArray()}`);
      put.destroy();
    });
    put.on('continue', () => reject(new Error('The server asked for the body.')));
    put.on('error', reject);
    put.flushHeaders();
  });
  expect(refused).toMatch(/^400 .*<Code>EntityTooLarge<\/Code>/s);
});

it('keeps nothing of an upload that the client breaks off', async () => {
  const { signer, directory } = await runningS3();
  const url = await getSignedUrl(signer, new PutObjectCommand({ Bucket, Key: 'k' }), ONE_HOUR);
  const put = request(url, { method: 'PUT', headers: { 'content-length': 1000 } });
  put.on('error', () => undefined);
  put.write('half');
  await vi.waitUntil(() => blobsIn(directory).length === 1);
  put.destroy();
  await vi.waitUntil(() => blobsIn(directory).length === 0);
});
