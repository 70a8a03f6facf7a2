import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll } from 'vitest';
import { chromiumProgram } from './chromium-program.ts';

const screenshots = fileURLToPath(new URL('screenshots/', import.meta.url));

// As root it has no sandbox. The names of other hosts lead nowhere, so that a page works without a network or not
// at all.
const switches = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** A page that was opened, and what it did besides showing itself; the lists grow for as long as it is open. */
export interface Visit {
  readonly page: Page;
  /** URLs that it asked other hosts for. */
  readonly foreignRequests: string[];
  /** What its Content-Security-Policy kept it from: the directive, and what was blocked. */
  readonly policyViolations: string[];
  /** Errors in the browser's console, among them answers of 400 and more, and errors that no script caught. */
  readonly consoleErrors: string[];
  /** Saves what is on the screen as `test/browser/screenshots/NAME-WIDTH.png`. */
  screenshot(name: string): Promise<void>;
}

/** Starts Chromium for the tests of a file, outside of them; ended after the last. */
export async function launchChromium(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: chromiumProgram, args: switches });
  afterAll(() => browser.close());
  return browser;
}

/** Opens a page in a window so many pixels wide and 800 high, as somebody would who was never here before. */
export async function visit(browser: Browser, url: string, width = 1280): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width, height: 800 } });
  const page = await context.newPage();
  const [foreignRequests, policyViolations, consoleErrors]: [string[], string[], string[]] = [[], [], []];

  const { host } = new URL(url);
  context.on('request', (request) => {
    const asked = new URL(request.url());
    // Others, such as blob: and data:, do not leave the browser and have no host.
    if (asked.host !== '' && asked.host !== host) foreignRequests.push(asked.href);
  });
  await page.exposeBinding('reportViolation', (_, text: string) => policyViolations.push(text));
  await page.addInitScript(`
    addEventListener('securitypolicyviolation', (event) =>
      reportViolation(event.effectiveDirective + ' ' + event.blockedURI));
  `);
  page.on('console', (message) => {
    if (message.type() === 'error') consoleErrors.push(message.text());
  });
  page.on('pageerror', (error) => consoleErrors.push(error.message));

  await page.goto(url);
  return {
    page,
    foreignRequests,
    policyViolations,
    consoleErrors,
    async screenshot(name) {
      await page.screenshot({ path: `${screenshots}${name}-${width}.png` });
    },
  };
}

/** What a page did besides showing itself, to be compared as a whole. */
export const conduct = ({ foreignRequests, policyViolations, consoleErrors }: Visit) => ({
  foreignRequests,
  policyViolations,
  consoleErrors,
});

/** The conduct of a page that did nothing besides. */
export const blameless = { foreignRequests: [], policyViolations: [], consoleErrors: [] };
