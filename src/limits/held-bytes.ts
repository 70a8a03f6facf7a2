import type { ServerResponse } from 'node:http';
import { GatewayError } from '../errors.ts';
import { Shares } from './shares.ts';

// So much of this process' memory may hold what clients have sent, and what they have asked for and do not take.
const MOST_BYTES = 128 * 1024 * 1024;
// Whatever others hold, a shop may: for one request, however long.
const OWN_BYTES = 1024 * 1024;

/**
 * Bounds what is held of requests' bodies, however slowly they come, of what was parsed of them, and of long answers until
 * their clients take them: past so much, or past half as much of one shop, what would make more of it is refused.
 */
export class HeldBytes {
  readonly #bytes = new Shares(MOST_BYTES, MOST_BYTES / 2, OWN_BYTES);

  /** Throws UNAVAILABLE when too much is held for a shop, or for all. */
  requireRoom(shopId: number): void {
    if (this.#bytes.hasRoom(shopId)) return;
    const message = 'Too many long bodies are under way, or too many answers have not been read';
    throw new GatewayError('UNAVAILABLE', message, { 'retry-after': '1' });
  }

  /** Notes that so many bytes more are held for a shop, or with a negative amount fewer. */
  note(shopId: number, bytes: number): void {
    this.#bytes.take(shopId, bytes);
  }
}

/** What is held for one request of a shop: until it is settled, and its response is taken or cannot be any more. */
export class Holding {
  readonly #held: HeldBytes;
  readonly #shopId: number;
  #bytes = 0;
  #isClosed = false;
  #isSettled = false;

  constructor(held: HeldBytes, shopId: number, response: ServerResponse) {
    this.#held = held;
    this.#shopId = shopId;
    if (response.socket === null || response.socket.destroyed) this.#isClosed = true;
    else {
      response.once('close', () => {
        this.#isClosed = true;
        this.#endIfOver();
      });
    }
  }

  /** Whether nobody waits for the response any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  get #isOver(): boolean {
    return this.#isClosed && this.#isSettled;
  }

  /** Holds so many bytes more. Throws UNAVAILABLE when there is no room. */
  add(bytes: number): void {
    if (this.#isOver) return;
    this.#held.requireRoom(this.#shopId);
    this.#held.note(this.#shopId, bytes);
    this.#bytes += bytes;
  }

  /** Nothing is done for the request any more. */
  settle(): void {
    this.#isSettled = true;
    this.#endIfOver();
  }

  #endIfOver(): void {
    if (!this.#isOver) return;
    this.#held.note(this.#shopId, -this.#bytes);
    this.#bytes = 0;
  }
}
