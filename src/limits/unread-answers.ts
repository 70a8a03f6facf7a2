import { GatewayError } from '../errors.ts';

// So much of this process' memory may hold what clients have asked for and do not take.
const MOST_BYTES = 128 * 1024 * 1024;

/**
 * Bounds the long answers that wait for their clients to take them: past some of them, or past half as much of one shop,
 * what would make more of them is refused.
 */
export class UnreadAnswers {
  readonly #bytes = new Map<number, number>();
  #total = 0;

  /** Notes that an answer to a shop waits; the function notes that it does so no longer. */
  add(shopId: number, bytes: number): () => void {
    this.#change(shopId, bytes);
    return () => this.#change(shopId, -bytes);
  }

  /** Throws UNAVAILABLE when a shop has asked for more than is taken. */
  requireRoom(shopId: number): void {
    const ofShop = this.#bytes.get(shopId) ?? 0;
    if (this.#total < MOST_BYTES && ofShop < MOST_BYTES / 2) return;
    throw new GatewayError('UNAVAILABLE', 'Too many answers have not been read', { 'retry-after': '1' });
  }

  #change(shopId: number, difference: number): void {
    this.#total += difference;
    const ofShop = (this.#bytes.get(shopId) ?? 0) + difference;
    if (ofShop === 0) this.#bytes.delete(shopId);
    else this.#bytes.set(shopId, ofShop);
  }
}
