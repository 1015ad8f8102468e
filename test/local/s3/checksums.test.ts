import { Agent, request } from 'node:http';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect, it } from 'vitest';
import { crc32c } from '../../../local/s3/body/crc32c.ts';
import { signingKey } from '../../../local/s3/signature/canonical.ts';
import { startChunkSigner } from '../../../local/s3/signature/chunks.ts';
import { Bucket, errorCode, refusal, runningS3 } from './running-s3.ts';

/** A URL for a PUT whose body comes in the aws-chunked coding with a trailing checksum. */
async function chunkedUrl(signer: S3Client, decodedBytes: number) {
  const headers = {
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': String(decodedBytes),
    'x-amz-trailer': 'x-amz-checksum-crc32',
  };
  const command = new PutObjectCommand({ Bucket, Key: 'k' });
  command.middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { headers: Record<string, string> }).headers, headers);
      return next(args);
    },
    { step: 'build' },
  );
  const unhoistableHeaders = new Set(Object.keys(headers));
  return { url: await getSignedUrl(signer, command, { unhoistableHeaders }), headers };
}

const encode = (body: string, trailer: string): string =>
  `${body.length.toString(16)}\r\n${body}\r\n0\r\n${trailer}\r\n\r\n`;

it('takes a trailing checksum that is right', async () => {
  const { client, signer } = await runningS3();
  const { url, headers } = await chunkedUrl(signer, 9);
  const body = encode('123456789', 'x-amz-checksum-crc32:y/Q5Jg==');
  expect((await fetch(url, { method: 'PUT', headers, body })).status).toBe(200);
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'k', ChecksumMode: 'ENABLED' }));
  expect([await got.Body?.transformToString(), got.ChecksumCRC32]).toEqual(['123456789', 'y/Q5Jg==']);
});

it.each([
  ['a wrong trailing checksum', encode('12345678X', 'x-amz-checksum-crc32:y/Q5Jg=='), 'BadDigest'],
  ['no trailer where one was announced', '9\r\n123456789\r\n0\r\n\r\n', 'MalformedTrailerError'],
  ['fewer bytes than announced', encode('12345678', 'x-amz-checksum-crc32:y/Q5Jg=='), 'IncompleteBody'],
  ['a body cut within a chunk', '9\r\n1234', 'IncompleteBody'],
  ['a chunk header that is none', 'nine\r\n123456789\r\n0\r\n\r\n', 'IncompleteBody'],
])('refuses and does not store %s', async (_, body, code) => {
  const { client, signer } = await runningS3();
  const { url, headers } = await chunkedUrl(signer, 9);
  const response = await fetch(url, { method: 'PUT', headers, body });
  expect([response.status, await errorCode(response)]).toEqual([400, code]);
  const get = client.send(new GetObjectCommand({ Bucket, Key: 'k' }));
  expect((await refusal(get)).name).toBe('NoSuchKey');
});

it('answers a refusal amid a body, and the next request on the same connection', async () => {
  const { signer } = await runningS3();
  const { url, headers } = await chunkedUrl(signer, 9);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  const put = (body: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const options = { method: 'PUT', agent, headers: { ...headers, 'content-length': body.length } };
      const sent = request(url, options, (response) => {
        ports.add(response.socket.localPort);
        response.resume().on('end', () => resolve(response.statusCode));
      });
      sent.on('error', reject).end(body);
    });
  expect(await put(`nine\r\n${'x'.repeat(4_000_000)}`)).toBe(400);
  expect(await put(encode('123456789', 'x-amz-checksum-crc32:y/Q5Jg=='))).toBe(200);
  expect(ports.size).toBe(1);
  agent.destroy();
});

it('refuses a body that is not the one whose hash, MD5 or checksum was sent', async () => {
  const { client, signer } = await runningS3();
  const sent = { Bucket, Key: 'k', Body: '12345678X' };
  const refusedWith = async (from: S3Client, input: object) =>
    (await refusal(from.send(new PutObjectCommand({ ...sent, ...input })))).name;
  expect(await refusedWith(client, { ChecksumCRC32: 'y/Q5Jg==' })).toBe('BadDigest');
  expect(await refusedWith(client, { ChecksumCRC32C: '4waSgw==' })).toBe('BadDigest');
  expect(await refusedWith(client, { ChecksumSHA256: `${'A'.repeat(43)}=` })).toBe('BadDigest');
  expect(await refusedWith(client, { ChecksumCRC32: 'AAAA' })).toBe('InvalidRequest');
  expect(await refusedWith(signer, { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' })).toBe('BadDigest');
  expect(await refusedWith(signer, { ContentMD5: 'AAAA' })).toBe('InvalidDigest');
});

it('refuses a body other than the one that was signed', async () => {
  const { signer } = await runningS3();
  const put = new PutObjectCommand({ Bucket, Key: 'k', Body: 'signed' });
  put.middlewareStack.add(
    (next) => (args) => {
      (args.request as { body: string }).body = 'forged';
      return next(args);
    },
    { step: 'deserialize', priority: 'low' },
  );
  expect((await refusal(signer.send(put))).name).toBe('XAmzContentSHA256Mismatch');
});

it('calculates CRC-32C by the check value of its definition', () => {
  expect(crc32c(Buffer.from('123456789')).toString(16)).toBe('e3069283');
});

it('verifies the chunk signatures of the example in the S3 API reference', () => {
  const scope = { date: '20130524', region: 'us-east-1' };
  const key = signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', scope);
  const start = () =>
    startChunkSigner(
      {
        kind: 'header',
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        scope,
        signedHeaders: [],
        signature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
        timestamp: '20130524T000000Z',
        signedAtMs: 0,
        expiresSeconds: 0,
      },
      key,
    );
  const hashOf64KibOfA = 'bf718b6f653bebc184e1479f1935b8da974d701b893afcf49e701f3e2f9f9c5a';
  const signature = 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648';
  expect(() => start().verifyChunk(signature, hashOf64KibOfA)).not.toThrow();
  expect(() => start().verifyChunk(signature.replace('a', 'b'), hashOf64KibOfA)).toThrow(/signature/);
});
