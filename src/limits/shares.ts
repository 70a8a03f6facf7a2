/** What shops have taken of something, of which there is so much for all, and less for one of them. */
export class Shares {
  readonly #limit: number;
  readonly #limitOfShop: number;
  readonly #taken = new Map<number, number>();
  #total = 0;

  /** So much for all, and so much for one shop, which is half of it unless told otherwise. */
  constructor(limit: number, limitOfShop = limit / 2) {
    this.#limit = limit;
    this.#limitOfShop = limitOfShop;
  }

  /** How much all have taken. */
  get total(): number {
    return this.#total;
  }

  /** How much a shop has taken. */
  ofShop(shopId: number): number {
    return this.#taken.get(shopId) ?? 0;
  }

  /** Whether there is anything left for a shop. */
  hasRoom(shopId: number): boolean {
    return this.#total < this.#limit && this.ofShop(shopId) + 1 <= this.#limitOfShop;
  }

  /** Takes so much for a shop, or with a negative amount gives it back. */
  take(shopId: number, amount: number): void {
    this.#total += amount;
    const ofShop = this.ofShop(shopId) + amount;
    if (ofShop === 0) this.#taken.delete(shopId);
    else this.#taken.set(shopId, ofShop);
  }
}
