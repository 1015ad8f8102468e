import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These need vLLM: `npm run test:vllm`.
    exclude: [...configDefaults.exclude, 'test/vllm/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
