import { GatewayError } from '../errors.ts';

// Those who ask again at once could keep the event loop from all else: in a turn of it so many of them are answered,
const REFUSALS_IN_A_TURN = 8;
// and whoever has waited for longer than this.
const LONGEST_WAIT_MS = 20;

interface Refusal {
  readonly since: number;
  readonly answer: () => void;
}

/**
 * Bounds the requests that are on their way to the database: past `limit` of them, or past half as many of
 * one shop, the next is refused at once with UNAVAILABLE. To wait without end helps nobody, and one shop
 * cannot fill the queue of all.
 */
export class Admission {
  readonly #limit: number;
  readonly #underWay = new Map<number, number>();
  readonly #refused: Refusal[] = [];
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
    return this.#total < this.#limit && ofShop < this.#limit / 2;
  }

  /** Refuses a request for which there is no room, after those that were refused before it. */
  refuse(): Promise<never> {
    return new Promise((_, reject) => {
      const answer = () =>
        reject(new GatewayError('UNAVAILABLE', 'Too many requests are under way', { 'retry-after': '1' }));
      const waiting = this.#refused.push({ since: performance.now(), answer });
      if (waiting === 1) setImmediate(() => this.#answerRefused());
    });
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

  #answerRefused(): void {
    const overdue = performance.now() - LONGEST_WAIT_MS;
    const first = this.#refused.findIndex(
      ({ since }, place) => place >= REFUSALS_IN_A_TURN && since > overdue,
    );
    const due = this.#refused.splice(0, first < 0 ? this.#refused.length : first);
    for (const { answer } of due) answer();
    if (this.#refused.length > 0) setImmediate(() => this.#answerRefused());
  }

  #change(shopId: number, difference: 1 | -1): void {
    this.#total += difference;
    const ofShop = (this.#underWay.get(shopId) ?? 0) + difference;
    if (ofShop === 0) this.#underWay.delete(shopId);
    else this.#underWay.set(shopId, ofShop);
  }
}
