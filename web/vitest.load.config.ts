import { defineConfig } from 'vitest/config';

// Measures the built pages in a real browser; see e2e/load/. Takes minutes and wants the machine for itself.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['e2e/load/**/*.load.ts'],
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
  },
});
