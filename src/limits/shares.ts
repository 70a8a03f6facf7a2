/** What shops have taken of something, of which there is so much for all, and less for one of them. */
export class Shares {
  readonly #limit: number;
  readonly #limitOfShop: number;
  readonly #own: number;
  readonly #taken = new Map<number, number>();
  #total = 0;

  /**
   * So much for all, and so much for one shop, which is half of it unless told otherwise; and so much that a shop gets
   * whatever the others have taken.
   */
  constructor(limit: number, limitOfShop = limit / 2, own = 0) {
    this.#limit = limit;
    this.#limitOfShop = limitOfShop;
    this.#own = own;
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
    const ofShop = this.ofShop(shopId);
    return ofShop < this.#own || (this.#total < this.#limit && ofShop + 1 <= this.#limitOfShop);
  }

  /** Takes so much for a shop, or with a negative amount gives it back. */
  take(shopId: number, amount: number): void {
    this.#total += amount;
    const ofShop = this.ofShop(shopId) + amount;
    if (ofShop === 0) this.#taken.delete(shopId);
    else this.#taken.set(shopId, ofShop);
  }
}
