import { requireScope } from '../auth/scopes.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Database } from '../db/database.ts';
import type { Ticket } from '../db/generated/prisma/client.ts';
import { AssigneeNotFoundError, CustomerNotFoundError } from '../errors.ts';
import { type CreateTicketInput, checkInput } from './input.ts';
import { type Insertion, insertTickets, type ShopTicketDraft } from './insert-tickets.ts';

/** What the operation needs of its surroundings. */
export interface CreateTicketContext {
  readonly database: Database;
  readonly viewer: Viewer;
}

// The composite foreign keys have the last word when a customer or an agent is deleted meanwhile.
function insertionRefusedBy(error: unknown): Insertion {
  const { constraint } = error as { constraint?: string };
  if (constraint === 'tickets_shop_id_customer_id_fkey') return 'customer not found';
  if (constraint === 'tickets_shop_id_assigned_to_fkey') return 'assignee not found';
  throw error;
}

async function insertTicket(database: Database, draft: ShopTicketDraft): Promise<Insertion> {
  const [insertion] = await insertTickets(database.sql, [draft]).catch((error) => [
    insertionRefusedBy(error),
  ]);
  if (insertion === undefined) throw new Error('The insertion of a ticket returned no row');
  return insertion;
}

/**
 * Creates a ticket in the viewer's shop: the one operation behind both doors.
 *
 * Needs the scope tickets:write. Throws a GatewayError: FORBIDDEN, INVALID_INPUT with every bad field,
 * CUSTOMER_NOT_FOUND or ASSIGNEE_NOT_FOUND. Then nothing was written.
 */
export async function createTicket(context: CreateTicketContext, input: CreateTicketInput): Promise<Ticket> {
  requireScope(context.viewer, 'tickets:write');
  const draft = checkInput(input);
  const insertion = await insertTicket(context.database, { ...draft, shopId: context.viewer.shop.id });
  if (insertion === 'customer not found') throw new CustomerNotFoundError();
  if (insertion === 'assignee not found') throw new AssigneeNotFoundError();
  return insertion;
}
