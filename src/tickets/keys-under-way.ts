import { IdempotencyConflictError } from '../errors.ts';
import type { CreatedTicket } from './create-ticket.ts';
import type { ShopTicketDraft } from './insert-tickets.ts';

interface UnderWay {
  readonly requestHash: string | null;
  readonly outcome: Promise<CreatedTicket>;
}

/**
 * Requests with an idempotency key that this process has under way. One that is repeated meanwhile gets what comes of
 * the first, be it an error, and takes nothing of the rate limit or of the database's time. Those of another credential
 * are not compared: its rate limit may be another one.
 */
export class KeysUnderWay {
  /** By the credential, and the key. */
  readonly #underWay = new Map<string, UnderWay>();

  /** Creates the ticket of a credential's draft, unless the same is under way. */
  async run(
    meteredAs: string,
    { idempotencyKey, requestHash }: ShopTicketDraft,
    create: () => Promise<CreatedTicket>,
  ): Promise<CreatedTicket> {
    if (idempotencyKey === null) return create();
    const name = `${meteredAs} ${idempotencyKey}`;
    const underWay = this.#underWay.get(name);
    if (underWay === undefined) return this.#runFirst(name, { requestHash, outcome: create() });
    if (underWay.requestHash === requestHash) return { ...(await underWay.outcome), replayed: true };
    const other = await underWay.outcome.catch(() => undefined);
    // One that failed has not used the key up.
    if (other === undefined) return create();
    throw new IdempotencyConflictError(other.ticket.id);
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
