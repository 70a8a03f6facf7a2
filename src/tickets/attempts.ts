import { isConcurrencyFailure } from '../db/outage.ts';
import { GatewayError, ShopNotFoundError } from '../errors.ts';
import type { Batches } from './batches.ts';
import type { Insertion, ShopTicketDraft } from './insert-tickets.ts';

// Who loses the race for a key waits for the winner, and finds its ticket the next time, unless the winner
// failed and another has begun meanwhile. What PostgreSQL gave up because of others is repeated, too.
const ATTEMPTS = 5;

// The foreign keys have the last word when a customer, an agent or the shop is deleted meanwhile.
function insertionRefusedBy(error: unknown): Insertion {
  const { constraint } = error as { constraint?: string };
  if (constraint === 'tickets_shop_id_fkey') throw new ShopNotFoundError();
  if (constraint === 'tickets_shop_id_customer_id_fkey') return 'customer not found';
  if (constraint === 'tickets_shop_id_assigned_to_fkey') return 'assignee not found';
  // While somebody builds the index anew there are two, of which the statement knows one.
  if (constraint?.startsWith('tickets_shop_id_idempotency_key_key')) return 'disturbed';
  if (isConcurrencyFailure(error)) return 'disturbed';
  throw error;
}

async function insertOnce(batches: Batches, draft: ShopTicketDraft, until: number): Promise<Insertion> {
  try {
    return await batches.insert(draft, until);
  } catch (error) {
    return insertionRefusedBy(error);
  }
}

/** Why a request that others keep from being done is refused. */
export const tooDisturbed = () =>
  new GatewayError('UNAVAILABLE', 'Too many requests disturb each other', { 'retry-after': '1' });

/** What became of a draft in the end. */
export type FinalInsertion = Exclude<Insertion, 'disturbed'>;

/**
 * Inserts a draft, again when others disturbed it, until nobody waits for it any more, in milliseconds of
 * `performance.now()`.
 */
export async function insertTicket(
  batches: Batches,
  draft: ShopTicketDraft,
  until: number,
): Promise<FinalInsertion> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const insertion = await insertOnce(batches, draft, until);
    if (insertion !== 'disturbed') return insertion;
  }
  throw tooDisturbed();
}
