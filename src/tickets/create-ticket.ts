import { hash } from 'node:crypto';
import { requireScope } from '../auth/scopes.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Database } from '../db/database.ts';
import type { Ticket } from '../db/generated/prisma/client.ts';
import { isConcurrencyFailure } from '../db/outage.ts';
import {
  AssigneeNotFoundError,
  CustomerNotFoundError,
  GatewayError,
  IdempotencyConflictError,
  TookTooLongError,
} from '../errors.ts';
import { type Allowance, retryAfter } from '../limits/rate-limit.ts';
import type { Turns } from '../limits/turns.ts';
import type { Observer } from '../telemetry/observer.ts';
import { step, type Tracing } from '../telemetry/tracing.ts';
import type { Batches } from './batches.ts';
import { type CreateTicketInput, checkInput, type TicketDraft } from './input.ts';
import type { Insertion, ShopTicketDraft } from './insert-tickets.ts';
import type { KeysUnderWay } from './keys-under-way.ts';
import type { PriorTickets } from './prior-tickets.ts';

// Who loses the race for a key waits for the winner, and finds its ticket the next time, unless the winner
// failed and another has begun meanwhile. What PostgreSQL gave up because of others is repeated, too.
const ATTEMPTS = 5;

/** What the operation needs of its surroundings. */
export interface CreateTicketContext {
  readonly database: Database;
  readonly batches: Batches;
  readonly keysUnderWay: KeysUnderWay;
  readonly priorTickets: PriorTickets;
  readonly turns: Turns;
  readonly viewer: Viewer;
  /** When nobody waits for the tickets any more, in milliseconds of `performance.now()`; then no more are created. */
  readonly until: number;
  readonly allowance: Allowance;
  readonly observer?: Observer | undefined;
  readonly tracing?: Tracing | undefined;
}

/** A ticket, and whether an earlier request with the same idempotency key created it. */
export interface CreatedTicket {
  readonly ticket: Ticket;
  readonly replayed: boolean;
}

// Absent fields are left out, so that a request can still be repeated after the API has got new ones.
function hashOf(draft: TicketDraft): string | null {
  if (draft.idempotencyKey === null) return null;
  const present = Object.entries(draft).filter(
    ([name, value]) => name !== 'idempotencyKey' && value !== null,
  );
  return hash('sha256', JSON.stringify(present));
}

// The composite foreign keys have the last word when a customer or an agent is deleted meanwhile.
function insertionRefusedBy(error: unknown): Insertion {
  const { constraint } = error as { constraint?: string };
  if (constraint === 'tickets_shop_id_customer_id_fkey') return 'customer not found';
  if (constraint === 'tickets_shop_id_assigned_to_fkey') return 'assignee not found';
  if (isConcurrencyFailure(error)) return 'disturbed';
  throw error;
}

async function insertOnce(
  { batches, until }: CreateTicketContext,
  draft: ShopTicketDraft,
): Promise<Insertion> {
  try {
    return await batches.insert(draft, until);
  } catch (error) {
    return insertionRefusedBy(error);
  }
}

const tooDisturbed = () =>
  new GatewayError('UNAVAILABLE', 'Too many requests disturb each other', { 'retry-after': '1' });

type FinalInsertion = Exclude<Insertion, 'disturbed'>;

async function insertTicket(context: CreateTicketContext, draft: ShopTicketDraft): Promise<FinalInsertion> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const insertion = await insertOnce(context, draft);
    if (insertion !== 'disturbed') return insertion;
  }
  throw tooDisturbed();
}

function refuseFor(wait: number, { viewer, observer }: CreateTicketContext): never {
  observer?.ticket('rate_limited');
  const message = `Too many tickets: the ${viewer.credential} may create ${viewer.rateLimit.rate} a second`;
  throw new GatewayError('RATE_LIMITED', message, { 'retry-after': retryAfter(wait) });
}

// A ticket that was not created costs nothing. Whether it was is unknown when the database failed; only an
// error of the gateway's own says that nothing was written.
async function insertWithinAllowance(
  context: CreateTicketContext,
  draft: ShopTicketDraft,
): Promise<FinalInsertion> {
  const taken = context.allowance.take();
  const wait = typeof taken === 'number' ? taken : await taken;
  if (wait > 0) {
    // A repetition creates nothing, so that the limit is not for it.
    const priorTicketId = await context.priorTickets.find(draft);
    return priorTicketId === undefined ? refuseFor(wait, context) : { priorTicketId };
  }
  let mayExist = true;
  try {
    const insertion = await insertTicket(context, draft);
    mayExist = typeof insertion === 'object' && 'ticket' in insertion;
    return insertion;
  } catch (error) {
    mayExist = !(error instanceof GatewayError);
    throw error;
  } finally {
    if (!mayExist) await context.allowance.giveBack();
  }
}

async function createOrFind(context: CreateTicketContext, draft: ShopTicketDraft): Promise<CreatedTicket> {
  const insertion = await insertWithinAllowance(context, draft);
  if (insertion === 'customer not found') throw new CustomerNotFoundError();
  if (insertion === 'assignee not found') throw new AssigneeNotFoundError();
  if ('ticket' in insertion) return { ticket: insertion.ticket, replayed: false };
  const id = insertion.priorTicketId;
  const ticket = await context.turns.run(draft.shopId, () =>
    context.database.prisma.ticket.findUnique({ where: { id } }),
  );
  // Deleted meanwhile, so that the key is free again.
  if (ticket === null) throw tooDisturbed();
  if (ticket.requestHash !== draft.requestHash) throw new IdempotencyConflictError(id);
  return { ticket, replayed: true };
}

async function checkAndCreate(
  context: CreateTicketContext,
  input: CreateTicketInput,
): Promise<CreatedTicket> {
  requireScope(context.viewer, 'tickets:write');
  if (performance.now() > context.until) throw new TookTooLongError();
  const checked = checkInput(input);
  const draft = { shopId: context.viewer.shop.id, requestHash: hashOf(checked), ...checked };
  const created = await context.keysUnderWay.run(context.viewer.meteredAs, draft, () =>
    createOrFind(context, draft),
  );
  context.observer?.ticket(created.replayed ? 'replayed' : 'created');
  return created;
}

/**
 * Creates a ticket in the viewer's shop: the one operation behind both doors. With an idempotency key it does
 * so once: repeated with the same input, it returns the same ticket.
 *
 * Needs the scope tickets:write. Throws a GatewayError: FORBIDDEN, INVALID_INPUT with every bad field,
 * CUSTOMER_NOT_FOUND, ASSIGNEE_NOT_FOUND, or IDEMPOTENCY_CONFLICT when the key came with other input before;
 * then nothing was written. RATE_LIMITED when the credential creates tickets too fast, UNAVAILABLE when the
 * database cannot take it now.
 */
export function createTicket(context: CreateTicketContext, input: CreateTicketInput): Promise<CreatedTicket> {
  return step(context.tracing, 'createTicket', () => checkAndCreate(context, input));
}
