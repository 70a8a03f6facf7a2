import { GatewayError } from '../errors.ts';
import { PacedRefusals } from './paced-refusals.ts';

const tooMany = () =>
  new GatewayError('UNAVAILABLE', 'Too many requests are under way', { 'retry-after': '1' });

/**
 * Bounds the requests that are on their way to the database: past `limit` of them, or past half as many of
 * one shop, the next is refused at once with UNAVAILABLE. To wait without end helps nobody, and one shop
 * cannot fill the queue of all.
 */
export class Admission {
  readonly #limit: number;
  readonly #underWay = new Map<number, number>();
  readonly #refusals = new PacedRefusals();
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many requests are on their way. */
  get total(): number {
    return this.#total;
  }

  /** Whether there is room for a shop's request. */
  hasRoom(shopId: number): boolean {
    const ofShop = this.#underWay.get(shopId) ?? 0;
    return this.#total < this.#limit && ofShop + 1 <= this.#limit / 2;
  }

  /** Refuses a request for which there is no room. */
  refuse(): Promise<never> {
    return this.#refusals.refuse(tooMany);
  }

  /** Does a shop's work if there is room for it. */
  async run<Result>(shopId: number, work: () => Promise<Result>): Promise<Result> {
    if (!this.hasRoom(shopId)) return this.refuse();
    this.#change(shopId, 1);
    try {
      return await work();
    } finally {
      this.#change(shopId, -1);
    }
  }

  #change(shopId: number, difference: 1 | -1): void {
    this.#total += difference;
    const ofShop = (this.#underWay.get(shopId) ?? 0) + difference;
    if (ofShop === 0) this.#underWay.delete(shopId);
    else this.#underWay.set(shopId, ofShop);
  }
}
