import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Where Node itself finds it: Vite would take its ES module build, and so a second copy beside Yoga's.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/log-audit.ts', 'test/helpers/build.ts', 'test/helpers/template.ts'],
    // Vitest leaves one core alone, which of two is half: one file would be tested at a time.
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
