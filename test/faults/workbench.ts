import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Removal = () => Promise<unknown> | unknown;

/** Where experiments put what has to be gone after them, whatever happens. */
export class Workbench {
  readonly #removals: Removal[] = [];
  #cleared = false;

  /** Has something removed when the bench is cleared, before what was put there earlier. */
  put(removal: Removal): void {
    this.#removals.push(removal);
  }

  /** Makes a folder that is removed with the bench. */
  async makeFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'ticket-gateway-faults-'));
    this.put(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
    return folder;
  }

  /** Throws once the bench is being cleared, so that what is removed is not started again. */
  requireOpen(): void {
    if (this.#cleared) throw new Error('The experiments are over');
  }

  /** Removes everything; what fails is passed over, so that the rest is removed too. */
  async clear(): Promise<void> {
    this.#cleared = true;
    for (let removal = this.#removals.pop(); removal; removal = this.#removals.pop()) {
      await Promise.resolve(removal()).catch(() => {});
    }
  }
}

// Below those that a system gives to whoever asks for any: nobody is given one between its finding and its use.
const [FIRST_PORT, LAST_PORT] = [10_000, 32_767];

/** Finds a TCP port of the loopback address that nobody listens on. */
export async function findFreePort(): Promise<number> {
  const port = randomInt(FIRST_PORT, LAST_PORT + 1);
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (!isFree) return await findFreePort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
