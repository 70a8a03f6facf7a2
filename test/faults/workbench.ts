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

/** Finds a TCP port of the loopback address that nobody listens on. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port is free');
  return address.port;
}
