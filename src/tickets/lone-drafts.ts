import { LRUCache } from 'lru-cache';
import { MOST_OF_A_SHOP, poolShares } from '../db/pool-shares.ts';
import type { ShopTicketDraft } from './insert-tickets.ts';

// So long a customer is kept out of the batches of others,
const SUSPICION_MS = 5_000;
const SUSPECTS = 10_000;
// and his shop, when tickets of so many of its customers failed one after another.
const FAILURES_OF_A_SHOP = 3;

/** A draft that somebody waits for. */
interface Waiting {
  readonly draft: ShopTicketDraft;
}

/**
 * Drafts that are tried alone, a few at a time: those of a batch that failed as a whole, and those of customers whose
 * draft failed alone lately, or all of whose shop did. Such a customer may be locked, and somebody may lock a whole shop:
 * the others wait for none that they send.
 */
export class LoneDrafts<Draft extends Waiting> {
  readonly #create: (one: Draft) => Promise<void>;
  readonly #waiting: Draft[] = [];
  readonly #tried = new Set<ShopTicketDraft>();
  /** The numbers of customers. */
  readonly #suspects = new LRUCache<number, true>({ max: SUSPECTS, ttl: SUSPICION_MS });
  /** Of how many of their customers a draft failed, by the numbers of shops. */
  readonly #failures = new LRUCache<number, number>({ max: SUSPECTS, ttl: SUSPICION_MS });

  /** The function tries one, and never fails. */
  constructor(create: (one: Draft) => Promise<void>) {
    this.#create = create;
  }

  /** Whether a draft of the customer failed alone a moment ago, or drafts of several of his shop. */
  isSuspect({ shopId, customerId }: ShopTicketDraft): boolean {
    if (this.#suspects.size === 0) return false;
    return this.#suspects.has(customerId) || (this.#failures.get(shopId) ?? 0) >= FAILURES_OF_A_SHOP;
  }

  /** Notes whether a draft failed alone. */
  suspect({ shopId, customerId }: ShopTicketDraft, hasFailed: boolean): void {
    if (hasFailed) {
      // Of one customer, however often he fails, nothing follows for his shop.
      if (!this.#suspects.has(customerId)) this.#failures.set(shopId, (this.#failures.get(shopId) ?? 0) + 1);
      this.#suspects.set(customerId, true);
    } else if (this.#suspects.size > 0) {
      this.#suspects.delete(customerId);
      this.#failures.delete(shopId);
    }
  }

  /** Tries them when it is their turn. */
  add(drafts: readonly Draft[]): void {
    this.#waiting.push(...drafts);
    this.#tryNext();
  }

  #tryNext(): void {
    while (this.#tried.size < poolShares.loneDrafts) {
      const next = this.#waiting.findIndex(({ draft }) => this.#mayTry(draft));
      const [one] = next < 0 ? [] : this.#waiting.splice(next, 1);
      if (one === undefined) return;
      void this.#try(one);
    }
  }

  // Of each customer one at a time; and somebody may lock all customers of a shop.
  #mayTry({ shopId, customerId }: ShopTicketDraft): boolean {
    const ofShop = [...this.#tried].filter((tried) => tried.shopId === shopId);
    return ofShop.length < MOST_OF_A_SHOP && ofShop.every((tried) => tried.customerId !== customerId);
  }

  async #try(one: Draft): Promise<void> {
    this.#tried.add(one.draft);
    await this.#create(one);
    this.#tried.delete(one.draft);
    this.#tryNext();
  }
}
