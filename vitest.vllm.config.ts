import { defineConfig } from 'vitest/config';

// vLLM itself, on the CPU: one at a time, because one start takes both cores of a small machine for half a minute.
export default defineConfig({
  test: {
    include: ['test/vllm/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 400_000,
    hookTimeout: 240_000,
  },
});
