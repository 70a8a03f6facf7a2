import { hash } from 'node:crypto';
import type { TicketDraft } from './input.ts';

/**
 * What tells whether a request with an idempotency key is the same as an earlier one; null without a key. Absent fields are
 * left out, so that a request can still be repeated after the API has got new ones.
 */
export function requestHashOf(draft: TicketDraft): string | null {
  if (draft.idempotencyKey === null) return null;
  const present = Object.entries(draft).filter(
    ([name, value]) => name !== 'idempotencyKey' && value !== null,
  );
  return hash('sha256', JSON.stringify(present));
}
