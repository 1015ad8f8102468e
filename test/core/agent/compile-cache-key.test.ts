import { expect, it } from 'vitest';
import { type CompileCacheFacts, compileCacheKey } from '../../../core/agent/compile-cache-key.ts';

const facts: CompileCacheFacts = {
  vllmVersion: '0.32.0',
  gpu: 'NVIDIA L4',
  model: 'Qwen/Qwen3-8B',
  revision: 'a'.repeat(40),
  args: ['--max-num-seqs', '128'],
  env: { VLLM_USE_X: '1', A: '2' },
  root: '/var/lib/engine/vllm',
};

it('lies in the Fleet’s folder and says for what it was compiled', () => {
  expect(compileCacheKey('qwen3-8b', facts)).toMatch(
    /^compile-cache\/qwen3-8b\/0\.32\.0-nvidia-l4-[0-9a-f]{16}\.tar\.gz$/,
  );
});

it('is the same for the same facts, in whatever order the variables stand', () => {
  const other = { ...facts, env: { A: '2', VLLM_USE_X: '1' } };
  expect(compileCacheKey('f', other)).toBe(compileCacheKey('f', facts));
});

it('is another one for every fact that differs', () => {
  const others: readonly CompileCacheFacts[] = [
    facts,
    { ...facts, vllmVersion: '0.33.0' },
    { ...facts, gpu: 'NVIDIA L40S' },
    { ...facts, model: 'Qwen/Qwen3-4B' },
    { ...facts, revision: null },
    { ...facts, args: ['--max-num-seqs', '256'] },
    { ...facts, env: {} },
    { ...facts, root: '/tmp/vllm' },
  ];
  expect(new Set(others.map((other) => compileCacheKey('f', other))).size).toBe(others.length);
});

it('cannot lead out of the Fleet’s folder', () => {
  const odd = { ...facts, vllmVersion: '../../x', gpu: '../GPU/0' };
  expect(compileCacheKey('f', odd)).toMatch(/^compile-cache\/f\/[a-z0-9.-]+$/);
});
