import { expect, it } from 'vitest';
import { engineSchema } from '../../../core/fleet/catalogue.ts';

const vllm = { kind: 'vllm', model: 'a/model', args: [], startTimeoutMs: 1000 };
const revision = '0123456789abcdef0123456789abcdef01234567';

it('takes weights from the hub, pinned or not, and from the model bucket where they are pinned', () => {
  for (const engine of [vllm, { ...vllm, revision }, { ...vllm, revision, weights: 'bucket' }]) {
    expect(engineSchema.safeParse(engine).success).toBe(true);
  }
});

it('refuses weights in the model bucket without a commit, and what is no commit', () => {
  const unpinned = engineSchema.safeParse({ ...vllm, weights: 'bucket' });
  expect(unpinned.error?.issues).toMatchObject([
    { path: ['revision'], message: expect.stringContaining('the commit that models:pull pulled') },
  ]);
  expect(engineSchema.safeParse({ ...vllm, revision: 'main' }).success).toBe(false);
});
