import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 20;

/**
 * Asks again and again until the answer is yes. Takes an error for a no; fails with the last one, or with
 * the name of what did not happen, after so many milliseconds.
 */
export async function pollUntil(
  what: string,
  milliseconds: number,
  ask: () => Promise<boolean> | boolean,
): Promise<void> {
  const end = performance.now() + milliseconds;
  let cause: unknown;
  while (performance.now() < end) {
    try {
      if (await ask()) return;
    } catch (error) {
      cause = error;
    }
    await sleep(INTERVAL_MS);
  }
  throw new Error(`Within ${milliseconds} ms it did not happen that ${what}`, { cause });
}
