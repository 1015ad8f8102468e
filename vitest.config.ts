import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These need vLLM and an emulator of AWS: `npm run test:vllm`, `npm run test:deploy`.
    exclude: [...configDefaults.exclude, 'test/vllm/**', 'test/deploy/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
