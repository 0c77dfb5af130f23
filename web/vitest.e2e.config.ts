import { defineConfig } from 'vitest/config';

// Whole-program tests: a real browser against a real server. One file at a time, because all of them
// share the machine with a browser; long limits, because a slow machine is not a broken program.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['e2e/**/*.e2e.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
