import { GatewayError } from '../errors.ts';
import { Shares } from './shares.ts';

// So much of this process' memory may hold what clients have asked for and do not take.
const MOST_BYTES = 128 * 1024 * 1024;

/**
 * Bounds the long answers that wait for their clients to take them: past some of them, or past half as much of one shop,
 * what would make more of them is refused.
 */
export class UnreadAnswers {
  readonly #bytes = new Shares(MOST_BYTES);

  /** Notes that an answer to a shop waits; the function notes that it does so no longer. */
  add(shopId: number, bytes: number): () => void {
    this.#bytes.take(shopId, bytes);
    return () => this.#bytes.take(shopId, -bytes);
  }

  /** Throws UNAVAILABLE when a shop has asked for more than is taken. */
  requireRoom(shopId: number): void {
    if (this.#bytes.hasRoom(shopId)) return;
    throw new GatewayError('UNAVAILABLE', 'Too many answers have not been read', { 'retry-after': '1' });
  }
}
