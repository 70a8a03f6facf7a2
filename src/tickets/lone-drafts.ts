import { LRUCache } from 'lru-cache';
import { mostOfAShop } from '../db/pool-shares.ts';
import type { ShopTicketDraft } from './insert-tickets.ts';

// So long a customer is kept out of the batches of others,
const SUSPICION_MS = 5_000;
const SUSPECTS = 10_000;
// and his shop, when tickets of so many of its customers failed one after another.
const FAILURES_OF_A_SHOP = 3;

// With its shop, for it may name a customer of another one.
const customerOf = ({ shopId, customerId }: ShopTicketDraft): string => `${shopId}/${customerId}`;

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
  readonly #share: number;
  readonly #create: (one: Draft) => Promise<void>;
  readonly #waiting: Draft[] = [];
  readonly #tried = new Set<ShopTicketDraft>();
  /** As their shops name them. */
  readonly #suspects = new LRUCache<string, true>({ max: SUSPECTS, ttl: SUSPICION_MS });
  /** Of how many of their customers a draft failed, by the numbers of shops. */
  readonly #failures = new LRUCache<number, number>({ max: SUSPECTS, ttl: SUSPICION_MS });

  /** So many are tried at once. The function tries one, and never fails. */
  constructor(share: number, create: (one: Draft) => Promise<void>) {
    this.#share = share;
    this.#create = create;
  }

  /** Whether a draft of the customer failed alone a moment ago, or drafts of several of his shop. */
  isSuspect(draft: ShopTicketDraft): boolean {
    if (this.#suspects.size === 0) return false;
    const failures = this.#failures.get(draft.shopId) ?? 0;
    return this.#suspects.has(customerOf(draft)) || failures >= FAILURES_OF_A_SHOP;
  }

  /** Notes that a draft failed alone. */
  suspect(draft: ShopTicketDraft): void {
    const customer = customerOf(draft);
    const { shopId } = draft;
    // Of one customer, however often he fails, nothing follows for his shop.
    if (!this.#suspects.has(customer)) this.#failures.set(shopId, (this.#failures.get(shopId) ?? 0) + 1);
    this.#suspects.set(customer, true);
  }

  /** Notes that a draft became a ticket. */
  trust(draft: ShopTicketDraft): void {
    if (this.#suspects.size === 0) return;
    this.#suspects.delete(customerOf(draft));
    this.#failures.delete(draft.shopId);
  }

  /** Tries them when it is their turn. */
  add(drafts: readonly Draft[]): void {
    this.#waiting.push(...drafts);
    this.#tryNext();
  }

  #tryNext(): void {
    while (this.#tried.size < this.#share) {
      const next = this.#waiting.findIndex(({ draft }) => this.#mayTry(draft));
      const [one] = next < 0 ? [] : this.#waiting.splice(next, 1);
      if (one === undefined) return;
      void this.#try(one);
    }
  }

  // Of each customer one at a time; and somebody may lock all customers of a shop.
  #mayTry({ shopId, customerId }: ShopTicketDraft): boolean {
    const ofShop = [...this.#tried].filter((tried) => tried.shopId === shopId);
    return (
      ofShop.length < mostOfAShop(this.#share) && ofShop.every((tried) => tried.customerId !== customerId)
    );
  }

  async #try(one: Draft): Promise<void> {
    this.#tried.add(one.draft);
    await this.#create(one);
    this.#tried.delete(one.draft);
    this.#tryNext();
  }
}
