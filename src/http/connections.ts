import type { Server, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

// Those who were asked to leave come back at once, and who has connected unseen is reset when the port is closed.
const QUIET_MS = 10;
// In each turn of the event loop one is accepted, and a turn may take longer than that.
const QUIET_TURNS = 5;

/** The connections of a server, as they come. */
export class Connections {
  readonly #open = new Set<Socket>();
  #latest = 0;
  #turnsSince = 0;

  constructor(server: Server) {
    server.on('connection', (connection) => {
      this.#latest = performance.now();
      this.#turnsSince = 0;
      this.#open.add(connection);
      connection.once('close', () => this.#open.delete(connection));
    });
  }

  /** Resolves when nobody has connected for a moment, at the latest after so many milliseconds. */
  async quiet(longest: number): Promise<void> {
    const end = performance.now() + longest;
    this.#latest = performance.now();
    this.#turnsSince = 0;
    for (let now = this.#latest; now < end; now = performance.now()) {
      if (this.#turnsSince >= QUIET_TURNS && now - this.#latest >= QUIET_MS) return;
      await nextTurn();
      this.#turnsSince += 1;
    }
  }

  /** Closes those over which nothing has come yet, such as browsers open in advance. */
  closeUnused(): void {
    for (const connection of this.#open) if (connection.bytesRead === 0) connection.destroy();
  }
}
