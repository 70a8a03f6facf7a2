import { GatewayError } from '../errors.ts';

// Those who ask again at once could keep the event loop from all else: so many of them are answered in a turn.
const REFUSALS_IN_A_TURN = 32;

/**
 * Bounds the tickets that are on their way to the database: past `limit` of them, or past half as many of
 * one shop, the next is refused at once with UNAVAILABLE. To wait without end helps nobody, and one shop
 * cannot fill the queue of all.
 */
export class Admission {
  readonly #limit: number;
  readonly #underWay = new Map<number, number>();
  readonly #refused: (() => void)[] = [];
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many tickets are on their way. */
  get total(): number {
    return this.#total;
  }

  /** Whether there is room for a shop's ticket. */
  hasRoom(shopId: number): boolean {
    const ofShop = this.#underWay.get(shopId) ?? 0;
    return this.#total < this.#limit && ofShop < this.#limit / 2;
  }

  /** Refuses a ticket for which there is no room, after those that were refused before it. */
  async refuse(): Promise<never> {
    await new Promise<void>((resolve) => {
      if (this.#refused.push(resolve) === 1) setImmediate(() => this.#answerRefused());
    });
    throw new GatewayError('UNAVAILABLE', 'Too many tickets are being created', { 'retry-after': '1' });
  }

  /** Does a shop's work if there is room for it. */
  async run<Result>(shopId: number, work: () => Promise<Result>): Promise<Result> {
    if (!this.hasRoom(shopId)) await this.refuse();
    this.#change(shopId, 1);
    try {
      return await work();
    } finally {
      this.#change(shopId, -1);
    }
  }

  #answerRefused(): void {
    for (const resolve of this.#refused.splice(0, REFUSALS_IN_A_TURN)) resolve();
    if (this.#refused.length > 0) setImmediate(() => this.#answerRefused());
  }

  #change(shopId: number, difference: 1 | -1): void {
    this.#total += difference;
    const ofShop = (this.#underWay.get(shopId) ?? 0) + difference;
    if (ofShop === 0) this.#underWay.delete(shopId);
    else this.#underWay.set(shopId, ofShop);
  }
}
