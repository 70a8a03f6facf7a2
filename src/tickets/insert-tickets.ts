import type { SqlClient, Statement } from '../db/database.ts';
import type { Ticket } from '../db/generated/prisma/client.ts';
import { NoAnswerError } from '../db/outage.ts';
import { awaitStandby } from './await-standby.ts';
import type { TicketDraft } from './input.ts';

/** A draft in its shop, with the hash that tells whether a repeated request is the same; null without a key. */
export interface ShopTicketDraft extends TicketDraft {
  readonly shopId: number;
  readonly requestHash: string | null;
}

/**
 * What became of a draft: a ticket; the id of the one that an earlier draft with the same idempotency key has
 * made; or which of its references the shop does not have; or that a statement that ran at the same time
 * disturbed it, by taking its key, so that it is to be inserted again, and will then find that ticket.
 */
export type Insertion =
  | { readonly ticket: Ticket }
  | { readonly priorTicketId: bigint }
  | 'customer not found'
  | 'assignee not found'
  | 'disturbed';

interface InsertionRow {
  /** Which of the drafts it is about, counted from 1. */
  readonly position: number;
  readonly outcome: 'created' | 'repeated' | 'customer not found' | 'assignee not found' | 'disturbed';
  /** Of the ticket, or of the one that has the draft's idempotency key already. */
  readonly id: string;
  /** Of all tickets that are created, in the first row alone. */
  readonly createdAt: Date | null;
}

/**
 * Creates tickets, and the human tickets of those that are to be opened, in one statement: all or nothing.
 *
 * SQL beside Prisma, because a `create` of Prisma's costs several round trips and most of a millisecond of
 * CPU. Its columns mirror the model Ticket. A draft whose customer or assignee the shop does not have is
 * left out, and its row says so, as does that of one whose idempotency key is taken. The subqueries are
 * plain ones because the planner, which takes a batch for a hundred drafts, would answer an EXISTS or a join
 * by reading all customers. What a trigger left out is not told to be created. Of what the draft holds nothing is sent
 * back. Names are qualified, because a connection that a pooler lends may have anybody's search path. How long it waits
 * for a lock is set within it, before anything is written, and for it alone.
 */
const insertStatement: Statement = {
  name: 'insert_tickets',
  text: `
    WITH draft AS MATERIALIZED (
      SELECT
        draft.*, public.next_ticket_id() AS id,
        (SELECT id FROM public.tickets
          WHERE shop_id = draft."shopId" AND idempotency_key = draft."idempotencyKey") AS "repeatedId",
        CASE
          WHEN (SELECT id FROM public.customers WHERE shop_id = draft."shopId" AND id = draft."customerId")
            IS NULL THEN 'customer not found'
          WHEN "assignedTo" IS NOT NULL
            AND (SELECT id FROM public.users WHERE shop_id = draft."shopId" AND id = draft."assignedTo")
            IS NULL THEN 'assignee not found'
        END AS refusal
      FROM ROWS FROM (
        json_to_recordset($1::json) AS (
          "shopId" INTEGER, "customerId" INTEGER, "channel" TEXT, "name" TEXT, "threadId" TEXT,
          "emailUsed" TEXT, "date" DOUBLE PRECISION, "lastMessage" TEXT, "lastMessageTime" DOUBLE PRECISION,
          "contactReason" TEXT, "assignedTo" INTEGER, "isOpenedTicket" BOOLEAN, "unreadChatCount" INTEGER,
          "tags" TEXT[], "languageCode" TEXT, "via" TEXT, "idempotencyKey" TEXT, "requestHash" TEXT
        )
      ) WITH ORDINALITY AS draft
      WHERE (SELECT pg_catalog.set_config('lock_timeout', $2, true)) IS NOT NULL
    ), created AS (
      INSERT INTO public.tickets (
        id, shop_id, customer_id, channel, name, thread_id, email_used, date, last_message,
        last_message_time, contact_reason, assigned_to, is_opened_ticket, unread_chat_count, tags,
        language_code, via, idempotency_key, request_hash
      )
      SELECT
        id, "shopId", "customerId", "channel", "name", "threadId", "emailUsed",
        COALESCE(to_timestamp("date" / 1000), now()), "lastMessage",
        COALESCE(to_timestamp("lastMessageTime" / 1000), now()), "contactReason", "assignedTo",
        "isOpenedTicket", "unreadChatCount", "tags", "languageCode", "via", "idempotencyKey", "requestHash"
      FROM draft WHERE "repeatedId" IS NULL AND refusal IS NULL
      ON CONFLICT (shop_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      RETURNING id, is_opened_ticket
    ), opened AS (
      INSERT INTO public.human_tickets (ticket_id) SELECT id FROM created WHERE is_opened_ticket
    )
    SELECT
      ordinality::INTEGER AS position,
      CASE
        WHEN "repeatedId" IS NOT NULL AND ${awaitStandby} THEN 'repeated'
        WHEN refusal IS NOT NULL THEN refusal
        WHEN id IN (SELECT id FROM created) THEN 'created'
        ELSE 'disturbed'
      END AS outcome,
      COALESCE("repeatedId", id)::TEXT AS id,
      CASE ordinality WHEN 1 THEN now()::TIMESTAMPTZ(3) END AS "createdAt"
    FROM draft`,
};

/** The ticket that a draft becomes. What is left out is filled in as the statement does it. */
export const ticketOf = (draft: ShopTicketDraft, id: string, createdAt: Date): Ticket => ({
  id: BigInt(id),
  createdAt,
  ...draft,
  date: new Date(draft.date ?? createdAt),
  lastMessageTime: new Date(draft.lastMessageTime ?? createdAt),
});

function insertionOf({ outcome, id }: InsertionRow, draft: ShopTicketDraft, createdAt: Date): Insertion {
  if (outcome === 'created') return { ticket: ticketOf(draft, id, createdAt) };
  return outcome === 'repeated' ? { priorTicketId: BigInt(id) } : outcome;
}

/**
 * Writes the drafts as tickets and returns what became of each, in their order. Fails as a whole with
 * SQLSTATE 23503 when a customer or an assignee is deleted at the very moment, and with 55P03 when it would have to wait
 * longer than so many milliseconds for a lock.
 */
export async function insertTickets(
  sql: SqlClient,
  drafts: readonly ShopTicketDraft[],
  lockTimeout: number,
): Promise<Insertion[]> {
  const rows = await sql.query<InsertionRow>(insertStatement, [JSON.stringify(drafts), `${lockTimeout}ms`]);
  rows.sort((one, other) => one.position - other.position);
  const createdAt = rows[0]?.createdAt;
  return drafts.map((draft, index) => {
    const row = rows[index];
    if (!row || !createdAt) throw new NoAnswerError(new Error('There are fewer rows than drafts'));
    return insertionOf(row, draft, createdAt);
  });
}
