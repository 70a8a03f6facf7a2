import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Where Node itself finds it: Vite would take its ES module build, and so a second copy beside Yoga's.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/log-audit.ts', 'test/helpers/template.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
