import { LRUCache } from 'lru-cache';

// A shop uses little that takes no more than so much of the time, and so many milliseconds at once on top of that.
const LITTLE_SHARE = 0.05;
const LITTLE_MS = 20;
const REMEMBERED_SHOPS = 10_000;

interface Use {
  readonly milliseconds: number;
  readonly at: number;
}

/** How much of the time shops took lately, beyond what is little; times are in milliseconds of `performance.now()`. */
export class HeavyUse {
  readonly #uses = new LRUCache<number, Use>({ max: REMEMBERED_SHOPS });

  /** Notes that a shop took so many milliseconds until now. */
  note(shopId: number, milliseconds: number, now: number): void {
    this.#uses.set(shopId, { milliseconds: this.#left(shopId, now) + milliseconds, at: now });
  }

  /** Whether a shop took little. */
  isLittle(shopId: number, now: number): boolean {
    return this.#left(shopId, now) <= LITTLE_MS;
  }

  #left(shopId: number, now: number): number {
    const use = this.#uses.get(shopId);
    return use === undefined ? 0 : Math.max(0, use.milliseconds - (now - use.at) * LITTLE_SHARE);
  }
}
