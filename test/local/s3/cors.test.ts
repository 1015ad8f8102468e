import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect, it } from 'vitest';
import { Bucket, errorCode, runningS3 } from './running-s3.ts';

const cors = [
  {
    allowedOrigins: ['http://localhost:*', 'https://portal.example'],
    allowedMethods: ['PUT', 'GET'],
    allowedHeaders: ['content-type', 'if-none-match', 'x-amz-*'],
    exposedHeaders: ['ETag'],
    maxAgeSeconds: 600,
  },
];

const preflight = (url: string, headers: Record<string, string>) =>
  fetch(`${url}/${Bucket}/k`, { method: 'OPTIONS', headers });

it('allows a preflight that a rule covers', async () => {
  const { url } = await runningS3({ cors });
  const response = await preflight(url, {
    origin: 'http://localhost:5173',
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'Content-Type, If-None-Match,x-amz-meta-a',
  });
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'access-control-allow-origin': 'http://localhost:5173',
    'access-control-allow-methods': 'PUT, GET',
    'access-control-allow-headers': 'content-type, if-none-match, x-amz-meta-a',
    'access-control-expose-headers': 'ETag',
    'access-control-max-age': '600',
  });
});

it.each([
  ['origin', { origin: 'https://elsewhere.example', 'access-control-request-method': 'PUT' }],
  ['method', { origin: 'https://portal.example', 'access-control-request-method': 'DELETE' }],
  [
    'header',
    {
      origin: 'https://portal.example',
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization',
    },
  ],
])('refuses a preflight whose %s no rule allows', async (_, headers) => {
  const { url } = await runningS3({ cors });
  const response = await preflight(url, headers);
  expect([response.status, await errorCode(response)]).toEqual([403, 'AccessForbidden']);
});

it('lets an allowed page read answers and errors, and no other page', async () => {
  const { signer } = await runningS3({ cors });
  const put = await getSignedUrl(signer, new PutObjectCommand({ Bucket, Key: 'k' }));
  const get = await getSignedUrl(signer, new GetObjectCommand({ Bucket, Key: 'absent' }));
  const allowed = { origin: 'https://portal.example' };
  const stored = await fetch(put, { method: 'PUT', body: 'x', headers: allowed });
  expect(stored.headers.get('access-control-expose-headers')).toBe('ETag');
  const missing = await fetch(get, { headers: allowed });
  expect([missing.status, missing.headers.get('access-control-allow-origin')]).toEqual([404, allowed.origin]);
  const foreign = await fetch(get, { headers: { origin: 'https://elsewhere.example' } });
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
});
