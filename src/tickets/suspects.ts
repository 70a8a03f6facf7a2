import { LRUCache } from 'lru-cache';
import type { ShopTicketDraft } from './insert-tickets.ts';

// So long a customer is kept out of the batches of others,
const SUSPICION_MS = 5_000;
const REMEMBERED = 10_000;
// and his shop, when tickets of so many of its customers failed one after another.
const FAILURES_OF_A_SHOP = 3;

/** Names a draft's customer, with its shop, for it may name a customer of another one. */
export const customerOf = ({ shopId, customerId }: ShopTicketDraft): string => `${shopId}/${customerId}`;

/** Remembers for a while whose tickets failed alone: such a customer may be locked, or all of a shop. */
export class Suspects {
  readonly #customers = new LRUCache<string, true>({ max: REMEMBERED, ttl: SUSPICION_MS });
  /** Of how many of their customers a draft failed, by the numbers of shops. */
  readonly #failures = new LRUCache<number, number>({ max: REMEMBERED, ttl: SUSPICION_MS });

  /** Whether a draft of the customer failed a moment ago. */
  hasCustomerOf(draft: ShopTicketDraft): boolean {
    return this.#customers.size > 0 && this.#customers.has(customerOf(draft));
  }

  /** Whether drafts of several customers of the shop failed a moment ago. */
  hasShopOf({ shopId }: ShopTicketDraft): boolean {
    return this.#customers.size > 0 && (this.#failures.get(shopId) ?? 0) >= FAILURES_OF_A_SHOP;
  }

  /** Notes that a draft failed alone, or that one more waits for what such a one waits for. */
  suspect(draft: ShopTicketDraft): void {
    const customer = customerOf(draft);
    const { shopId } = draft;
    // Of one customer, however often he fails, nothing follows for his shop.
    if (!this.#customers.has(customer)) this.#failures.set(shopId, (this.#failures.get(shopId) ?? 0) + 1);
    this.#customers.set(customer, true);
  }

  /** Notes that a draft became a ticket. */
  trust(draft: ShopTicketDraft): void {
    if (this.#customers.size === 0) return;
    this.#customers.delete(customerOf(draft));
    this.#failures.delete(draft.shopId);
  }
}
