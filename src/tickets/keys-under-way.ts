import type { CreatedTicket } from './create-ticket.ts';
import type { ShopTicketDraft } from './insert-tickets.ts';

interface UnderWay {
  readonly requestHash: string | null;
  readonly outcome: Promise<CreatedTicket>;
}

/**
 * Requests with an idempotency key that this process has under way. One that is repeated meanwhile gets what comes of
 * the first, be it an error, and takes nothing of the rate limit or of the database's time.
 */
export class KeysUnderWay {
  /** By the number of the shop, and the key. */
  readonly #underWay = new Map<string, UnderWay>();

  /** Creates the ticket of a draft, unless the same is under way. */
  async run(draft: ShopTicketDraft, create: () => Promise<CreatedTicket>): Promise<CreatedTicket> {
    const { shopId, idempotencyKey, requestHash } = draft;
    if (idempotencyKey === null) return create();
    const name = `${shopId} ${idempotencyKey}`;
    const underWay = this.#underWay.get(name);
    if (underWay === undefined) return this.#runFirst(name, { requestHash, outcome: create() });
    if (underWay.requestHash === requestHash) return { ...(await underWay.outcome), replayed: true };
    // Whether the other has used the key up is not known before.
    await underWay.outcome.catch(() => {});
    return this.run(draft, create);
  }

  async #runFirst(name: string, first: UnderWay): Promise<CreatedTicket> {
    this.#underWay.set(name, first);
    try {
      return await first.outcome;
    } finally {
      this.#underWay.delete(name);
    }
  }
}
