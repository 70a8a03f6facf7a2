import { requireScope } from '../auth/scopes.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Database } from '../db/database.ts';
import type { Ticket } from '../db/generated/prisma/client.ts';
import { isServerError } from '../db/outage.ts';
import {
  AssigneeNotFoundError,
  CustomerNotFoundError,
  GatewayError,
  IdempotencyConflictError,
} from '../errors.ts';
import { requireTime } from '../limits/deadline.ts';
import type { HeavyWork } from '../limits/heavy-work.ts';
import { type Allowance, type Quota, retryAfter } from '../limits/rate-limit.ts';
import type { TextBudget } from '../limits/text-budget.ts';
import type { Turns } from '../limits/turns.ts';
import type { Observer } from '../telemetry/observer.ts';
import { step, type Tracing } from '../telemetry/tracing.ts';
import { type FinalInsertion, insertTicket, tooDisturbed } from './attempts.ts';
import type { Batches } from './batches.ts';
import { type CreateTicketInput, charactersOf, checkInput, type TicketDraft } from './input.ts';
import type { ShopTicketDraft } from './insert-tickets.ts';
import type { KeysUnderWay } from './keys-under-way.ts';
import type { PriorTickets } from './prior-tickets.ts';
import { requestHashOf } from './request-hash.ts';

/** What the operation needs of its surroundings. */
export interface CreateTicketContext {
  readonly database: Database;
  readonly batches: Batches;
  readonly keysUnderWay: KeysUnderWay;
  readonly priorTickets: PriorTickets;
  readonly turns: Turns;
  /** When a ticket with a long text may be prepared, or an input be refused. */
  readonly heavyWork: HeavyWork;
  readonly viewer: Viewer;
  /** When nobody waits for the tickets any more, in milliseconds of `performance.now()`; then no more are created. */
  readonly until: number;
  /** The messages and tags of all tickets that the request creates. */
  readonly ticketTexts: TextBudget;
  readonly allowance: Allowance;
  /** What was left of it when it refused a ticket. */
  quota?: Quota;
  readonly observer?: Observer | undefined;
  readonly tracing?: Tracing | undefined;
}

/** A ticket, and whether an earlier request with the same idempotency key created it. */
export interface CreatedTicket {
  readonly ticket: Ticket;
  readonly replayed: boolean;
}

function refuseFor(wait: number, quota: Quota, context: CreateTicketContext): never {
  const { viewer, observer } = context;
  context.quota = quota;
  observer?.ticket('rate_limited');
  const message = `Too many tickets: the ${viewer.credential} may create ${viewer.rateLimit.rate} a second`;
  throw new GatewayError('RATE_LIMITED', message, { 'retry-after': retryAfter(wait) });
}

// A ticket that was not created costs nothing. Whether it was is unknown where the database did not say.
async function insertWithinAllowance(
  context: CreateTicketContext,
  draft: ShopTicketDraft,
): Promise<FinalInsertion> {
  const taken = context.allowance.take();
  const wait = typeof taken === 'number' ? taken : await taken;
  if (wait > 0) {
    const quota = await context.allowance.look();
    // A repetition creates nothing, so that the limit is not for it.
    const priorTicketId = await context.priorTickets.find(draft);
    return priorTicketId === undefined ? refuseFor(wait, quota, context) : { priorTicketId };
  }
  let mayExist = true;
  try {
    const insertion = await insertTicket(context.batches, draft, context.until);
    mayExist = typeof insertion === 'object' && 'ticket' in insertion;
    return insertion;
  } catch (error) {
    mayExist = !(error instanceof GatewayError || isServerError(error));
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

async function check(
  { heavyWork, viewer }: CreateTicketContext,
  input: CreateTicketInput,
): Promise<TicketDraft> {
  try {
    return checkInput(input);
  } catch (error) {
    // It took its time, costs nothing else, and may be one of many: the others are heard before the next.
    await heavyWork.turn(viewer.shop.id);
    throw error;
  }
}

async function checkAndCreate(
  context: CreateTicketContext,
  input: CreateTicketInput,
): Promise<CreatedTicket> {
  requireScope(context.viewer, 'tickets:write');
  requireTime(context.until);
  const checked = await check(context, input);
  const shopId = context.viewer.shop.id;
  const characters = charactersOf(checked);
  context.ticketTexts.take(characters);
  await context.heavyWork.turnForText(shopId, characters);
  const draft = { shopId, requestHash: requestHashOf(checked), ...checked };
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
 * CUSTOMER_NOT_FOUND, ASSIGNEE_NOT_FOUND, SHOP_NOT_FOUND when the shop is deleted meanwhile, or IDEMPOTENCY_CONFLICT
 * when the key came with other input before; then nothing was written. RATE_LIMITED when the credential creates tickets
 * too fast, UNAVAILABLE when the database cannot take it now.
 */
export function createTicket(context: CreateTicketContext, input: CreateTicketInput): Promise<CreatedTicket> {
  return step(context.tracing, 'createTicket', () => checkAndCreate(context, input));
}
