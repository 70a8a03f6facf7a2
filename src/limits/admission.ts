import { GatewayError } from '../errors.ts';
import { Shares } from './shares.ts';

// One for all, because what is too much must cost little.
const tooMany = new GatewayError('UNAVAILABLE', 'Too many requests are under way', { 'retry-after': '1' });

// So much of the limit a shop may have whatever the others have taken: two that take a half each leave nobody out.
const OWN_SHARE = 0.01;

/**
 * Bounds the requests that are on their way to the database: past `limit` of them, or past half as many of
 * one shop, the next is refused at once with UNAVAILABLE. To wait without end helps nobody, and one shop
 * cannot fill the queue of all. A hundredth is each shop's own.
 */
export class Admission {
  readonly #underWay: Shares;

  constructor(limit: number) {
    this.#underWay = new Shares(limit, limit / 2, Math.floor(limit * OWN_SHARE));
  }

  /** How many requests are on their way. */
  get total(): number {
    return this.#underWay.total;
  }

  /** Whether there is room for a shop's request. */
  hasRoom(shopId: number): boolean {
    return this.#underWay.hasRoom(shopId);
  }

  /** Whether requests of others than a shop are on their way. */
  isShared(shopId: number): boolean {
    return this.#underWay.total > this.#underWay.ofShop(shopId);
  }

  /** Refuses a request for which there is no room. */
  refuse(): Promise<never> {
    return Promise.reject(tooMany);
  }

  /** Does a shop's work if there is room for it. */
  async run<Result>(shopId: number, work: () => Promise<Result>): Promise<Result> {
    if (!this.hasRoom(shopId)) return this.refuse();
    this.#underWay.take(shopId, 1);
    try {
      return await work();
    } finally {
      this.#underWay.take(shopId, -1);
    }
  }
}
