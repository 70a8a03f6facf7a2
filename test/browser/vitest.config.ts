import { defineConfig } from 'vitest/config';

// `npm run test:browser`: what a person sees of the gateway, in a real browser on a real process.
export default defineConfig({
  test: {
    include: ['test/browser/*.browser.ts'],
    globalSetup: ['test/browser/chromium-program.ts', 'test/helpers/log-audit.ts', 'test/helpers/build.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
