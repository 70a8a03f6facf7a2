import { defineConfig } from 'vitest/config';
import { shortLived } from './test/helpers/short-lived.ts';

export default defineConfig({
  // Where Node itself finds it: Vite would take its ES module build, and so a second copy beside Yoga's.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/log-audit.ts', 'test/helpers/build.ts', 'test/helpers/template.ts'],
    // Vitest leaves one core alone, which of two is half: one file would be tested at a time.
    maxWorkers: '100%',
    // Else each file imports everything anew, which takes longer than most of them. What the gateway keeps in memory is
    // each gateway's own, so that files have nothing to leave behind for one another.
    isolate: false,
    execArgv: [...shortLived],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
