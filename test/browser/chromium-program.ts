import { access, constants } from 'node:fs/promises';

/** The browser that pages are tested in: where Debian's package has it, unless CHROMIUM names another. */
export const chromiumProgram = process.env.CHROMIUM || '/usr/bin/chromium';

/** Runs once before all tests: says how to get a browser where there is none. */
export default async function setup(): Promise<void> {
  await access(chromiumProgram, constants.X_OK).catch(() => {
    process.stderr.write(
      `\nThere is no browser at ${chromiumProgram}: run \`apt-get install chromium\`, or name one in CHROMIUM.\n\n`,
    );
    process.exit(1);
  });
}
