import { GatewayError } from '../errors.ts';

/**
 * Bounds the tickets that are on their way to the database: past `limit` of them, or past half as many of
 * one shop, the next is refused at once with UNAVAILABLE. To wait without end helps nobody, and one shop
 * cannot fill the queue of all.
 */
export class Admission {
  readonly #limit: number;
  readonly #underWay = new Map<number, number>();
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many tickets are on their way. */
  get total(): number {
    return this.#total;
  }

  /** Refuses a shop for which there is no room. */
  requireRoom(shopId: number): void {
    const ofShop = this.#underWay.get(shopId) ?? 0;
    if (this.#total < this.#limit && ofShop < this.#limit / 2) return;
    throw new GatewayError('UNAVAILABLE', 'Too many tickets are being created', { 'retry-after': '1' });
  }

  /** Does a shop's work if there is room for it. */
  async run<Result>(shopId: number, work: () => Promise<Result>): Promise<Result> {
    this.requireRoom(shopId);
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
