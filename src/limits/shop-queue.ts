/** Stands for the shop where it is not known yet whose request it is: no shop has this number. */
export const NO_SHOP = 0;

/** What waits on behalf of shops. They take turns: after the first of one comes the first of the next. */
export class ShopQueue<Item> {
  /** By the numbers of the shops, in the order of their turns. */
  readonly #waiting = new Map<number, Item[]>();
  #size = 0;

  /** How much waits. */
  get size(): number {
    return this.#size;
  }

  /** Adds what waits behind all else of its shop. */
  add(shopId: number, item: Item): void {
    const items = this.#waiting.get(shopId);
    if (items) items.push(item);
    else this.#waiting.set(shopId, [item]);
    this.#size += 1;
  }

  /** What is next, if anything waits. */
  get next(): Item | undefined {
    const [items] = this.#waiting.values();
    return items?.[0];
  }

  /** Takes what is next of those shops that may have a turn. */
  take(mayHaveTurn: (shopId: number) => boolean = () => true): Item | undefined {
    for (const [shopId, items] of this.#waiting) {
      if (!mayHaveTurn(shopId)) continue;
      const item = items.shift();
      this.#waiting.delete(shopId);
      if (items.length > 0) this.#waiting.set(shopId, items);
      this.#size -= 1;
      return item;
    }
    return undefined;
  }
}
