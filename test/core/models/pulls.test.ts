import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { partBytes } from '../../../adapters/aws/model-uploads.ts';
import { eachAtOnce } from '../../../core/models/each-at-once.ts';
import { describeRefusal } from '../../../core/models/hub-refusal.ts';
import { modelManifestSchema } from '../../../core/models/manifest.ts';
import { verifyBytes } from '../../../core/models/verify-bytes.ts';

const MIB = 1024 * 1024;
const BODY = Buffer.from('hello\n');

async function* chunks(...bodies: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const body of bodies) yield Buffer.from(body);
}
async function gathered(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('the bytes of a file', () => {
  // `printf 'hello\n' | git hash-object --stdin`
  const git = { algorithm: 'git-blob-sha1', hex: 'ce013625030ba8dba906f756967f9e9ca394464a' } as const;
  const large = {
    algorithm: 'sha256',
    hex: createHash('sha256').update(BODY).digest('hex'),
  } as const;

  it.each([git, large])('pass by the digest that the hub lists: $algorithm', async (digest) => {
    const file = { path: 'a.txt', bytes: 6, digest };
    expect(await gathered(verifyBytes(file, chunks('hel', 'lo\n')))).toBe('hello\n');
    await expect(gathered(verifyBytes(file, chunks('hellO\n')))).rejects.toThrow(
      `a.txt: the bytes that came`,
    );
  });

  it.each(['hello', 'hello\n\n'])('fail where they are too few or too many: %j', async (body) => {
    const file = { path: 'a.txt', bytes: 6, digest: large };
    await expect(gathered(verifyBytes(file, chunks(body)))).rejects.toThrow(
      /bytes came, but the hub lists 6/,
    );
  });
});

describe('parts of an upload', () => {
  it('are as small as the 10,000 that S3 takes let them be', () => {
    expect(partBytes(1)).toBe(16 * MIB);
    for (const gib of [100, 200, 500, 5000]) {
      const bytes = gib * 1024 * MIB + 1;
      expect(Math.ceil(bytes / partBytes(bytes))).toBeLessThanOrEqual(10_000);
    }
  });
});

describe('files at once', () => {
  const never = new AbortController().signal;

  it('are never more than the limit', async () => {
    let [running, most] = [0, 0];
    await eachAtOnce(Array.from({ length: 20 }), { limit: 3, signal: never }, async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
    });
    expect(most).toBe(3);
  });

  it('stop with the first that fails, whose error is thrown once all have ended', async () => {
    const ended: number[] = [];
    const pull = eachAtOnce([0, 1, 2, 3], { limit: 2, signal: never }, async (item, signal) => {
      if (item === 1) throw new Error('first');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended.push(item);
      throw new Error('stopped');
    });
    await expect(pull).rejects.toThrow('first');
    expect(ended).toEqual([0]);
  });
});

describe('a manifest', () => {
  it.each(['../evil', '/etc/passwd', 'a//b', './a', ''])('holds no path %j', (path) => {
    const files = [{ path, bytes: 1 }];
    expect(modelManifestSchema.safeParse({ repository: 'a/b', revision: 'c', files }).success).toBe(false);
  });
});

describe('a refusal of the hub', () => {
  const facts = { repository: 'acme/tiny', revision: 'main', hasToken: true };

  it.each([
    [{ status: 401, code: null }, /refuses the token in HF_TOKEN, or it may not see acme\/tiny/],
    [{ status: 404, code: 'RepoNotFound' }, /check the name and the token/],
    [{ status: 403, code: null }, /gated/],
    [{ status: 404, code: 'EntryNotFound' }, /does not have. Run the command again/],
    [{ status: 418, code: null }, /answered 418/],
  ])('%j says what to do', (answer, said) => {
    expect(describeRefusal({ ...facts, ...answer })).toMatch(said);
  });
});
