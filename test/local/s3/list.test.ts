import {
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { Bucket, refusal, runningS3 } from './running-s3.ts';

async function filled(keys: readonly string[]): Promise<S3Client> {
  const { client } = await runningS3();
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  return client;
}

/** All pages, each as its keys and common prefixes in one list. */
async function pages(client: S3Client, input: Omit<ListObjectsV2CommandInput, 'Bucket'>) {
  const found: string[][] = [];
  for (let token: string | undefined; ; ) {
    const page = await client.send(new ListObjectsV2Command({ Bucket, ...input, ContinuationToken: token }));
    const prefixes = (page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? '');
    found.push([...(page.Contents ?? []).map(({ Key }) => Key ?? ''), ...prefixes].sort());
    expect(page.KeyCount).toBe(found.at(-1)?.length);
    token = page.NextContinuationToken;
    expect(page.IsTruncated).toBe(token !== undefined);
    if (token === undefined) return found;
  }
}

it('lists the keys of a prefix with their sizes, in byte order', async () => {
  const client = await filled(['s/b', 's/a', 't/a', 's/\u{1F600}', 's/\u{FF21}', 's']);
  const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 's/' }));
  // UTF-16 order would put the emoji, a surrogate pair, before the full-width letter.
  expect(page.Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([
    ['s/a', 3],
    ['s/b', 3],
    ['s/\u{FF21}', 5],
    ['s/\u{1F600}', 6],
  ]);
});

it('pages without a gap or a repetition', async () => {
  const client = await filled(['a', 'b', 'c', 'd', 'e']);
  expect(await pages(client, { MaxKeys: 2 })).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  expect(await pages(client, { MaxKeys: 5 })).toEqual([['a', 'b', 'c', 'd', 'e']]);
});

it('rolls keys up to common prefixes that count as one entry, across pages too', async () => {
  const client = await filled(['p/1', 'p/a/1', 'p/a/2', 'p/b/1', 'p/c', 'q/1']);
  const input = { Prefix: 'p/', Delimiter: '/' };
  expect(await pages(client, input)).toEqual([['p/1', 'p/a/', 'p/b/', 'p/c']]);
  expect(await pages(client, { ...input, MaxKeys: 2 })).toEqual([
    ['p/1', 'p/a/'],
    ['p/b/', 'p/c'],
  ]);
});

it('starts after a key that need not be there', async () => {
  const client = await filled(['a', 'b', 'd']);
  expect(await pages(client, { StartAfter: 'b' })).toEqual([['d']]);
  expect(await pages(client, { StartAfter: 'c' })).toEqual([['d']]);
});

it('answers an empty page where none is asked for or nothing matches', async () => {
  const client = await filled(['a']);
  expect(await pages(client, { MaxKeys: 0 })).toEqual([[]]);
  expect(await pages(client, { Prefix: 'z' })).toEqual([[]]);
});

it('encodes keys on request', async () => {
  const client = await filled(['a b/ä+']);
  const page = await client.send(new ListObjectsV2Command({ Bucket, EncodingType: 'url' }));
  expect(page.Contents?.[0]?.Key).toBe('a%20b/%C3%A4%2B');
});

it('refuses a continuation token that it did not give', async () => {
  const client = await filled([]);
  const list = client.send(new ListObjectsV2Command({ Bucket, ContinuationToken: 'abc' }));
  expect((await refusal(list)).name).toBe('InvalidArgument');
});
