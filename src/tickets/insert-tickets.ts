import type { SqlClient, Statement } from '../db/database.ts';
import type { Ticket } from '../db/generated/prisma/client.ts';
import type { TicketDraft } from './input.ts';

/** A draft in its shop, with the hash that tells whether a repeated request is the same; null without a key. */
export interface ShopTicketDraft extends TicketDraft {
  readonly shopId: number;
  readonly requestHash: string | null;
}

/**
 * What became of a draft: a ticket, which an earlier draft with the same idempotency key may have made; or
 * which of its references the shop does not have; or that a statement that ran at the same time disturbed
 * it, by taking its key, so that it is to be inserted again, and will then find that ticket.
 */
export type Insertion =
  | { readonly ticket: Ticket; readonly replayed: boolean }
  | 'customer not found'
  | 'assignee not found'
  | 'disturbed';

interface InsertionRow extends Omit<Ticket, 'id'> {
  readonly customerFound: boolean;
  readonly assigneeFound: boolean;
  readonly replayed: boolean;
  readonly id: string | null;
}

/**
 * Creates tickets, and the human tickets of those that are to be opened, in one statement: all or nothing.
 *
 * SQL beside Prisma, because a `create` of Prisma's costs several round trips and most of a millisecond of
 * CPU. Its columns mirror the model Ticket. A draft whose customer or assignee the shop does not have is
 * left out, and its row says so; one whose idempotency key is taken comes back as the ticket that has it.
 * The ids are made before the insertion, so that every row finds its draft.
 */
const insertStatement: Statement = {
  name: 'insert_tickets',
  text: `
    WITH draft AS (
      SELECT
        draft.*, prior.id AS prior_id, customer.id IS NOT NULL AS customer_found,
        draft.assigned_to IS NULL OR assignee.id IS NOT NULL AS assignee_found, next_ticket_id() AS new_id
      FROM jsonb_to_recordset($1::jsonb) AS draft (
        position INTEGER, shop_id INTEGER, customer_id INTEGER, channel TEXT, name TEXT, thread_id TEXT,
        email_used TEXT, date TIMESTAMPTZ, last_message TEXT, last_message_time TIMESTAMPTZ,
        contact_reason TEXT, assigned_to INTEGER, is_opened_ticket BOOLEAN, unread_chat_count INTEGER,
        tags TEXT[], language_code TEXT, via TEXT, idempotency_key TEXT, request_hash TEXT
      )
      LEFT JOIN tickets AS prior
        ON prior.shop_id = draft.shop_id AND prior.idempotency_key = draft.idempotency_key
      LEFT JOIN customers AS customer ON customer.shop_id = draft.shop_id AND customer.id = draft.customer_id
      LEFT JOIN users AS assignee ON assignee.shop_id = draft.shop_id AND assignee.id = draft.assigned_to
    ), created AS (
      INSERT INTO tickets (
        id, shop_id, customer_id, channel, name, thread_id, email_used, date, last_message,
        last_message_time, contact_reason, assigned_to, is_opened_ticket, unread_chat_count, tags,
        language_code, via, idempotency_key, request_hash
      )
      SELECT
        new_id, shop_id, customer_id, channel, name, thread_id, email_used, COALESCE(date, now()), last_message,
        COALESCE(last_message_time, now()), contact_reason, assigned_to, is_opened_ticket,
        unread_chat_count, tags, language_code, via, idempotency_key, request_hash
      FROM draft WHERE prior_id IS NULL AND customer_found AND assignee_found
      ON CONFLICT (shop_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      RETURNING *
    ), opened AS (
      INSERT INTO human_tickets (ticket_id) SELECT id FROM created WHERE is_opened_ticket
    ), ticket AS (
      SELECT * FROM created
      UNION ALL
      SELECT tickets.* FROM tickets WHERE id IN (SELECT prior_id FROM draft)
    )
    SELECT
      draft.customer_found AS "customerFound", draft.assignee_found AS "assigneeFound",
      draft.prior_id IS NOT NULL AS "replayed", ticket.id::TEXT AS "id", ticket.shop_id AS "shopId",
      ticket.customer_id AS "customerId", ticket.channel, ticket.name, ticket.thread_id AS "threadId",
      ticket.email_used AS "emailUsed", ticket.date, ticket.last_message AS "lastMessage",
      ticket.last_message_time AS "lastMessageTime", ticket.contact_reason AS "contactReason",
      ticket.assigned_to AS "assignedTo", ticket.is_opened_ticket AS "isOpenedTicket",
      ticket.unread_chat_count AS "unreadChatCount", ticket.tags, ticket.language_code AS "languageCode",
      ticket.via, ticket.idempotency_key AS "idempotencyKey", ticket.request_hash AS "requestHash",
      ticket.created_at AS "createdAt"
    FROM draft LEFT JOIN ticket ON ticket.id = COALESCE(draft.prior_id, draft.new_id)
    ORDER BY draft.position`,
};

const columnsOf = (draft: ShopTicketDraft, position: number) => ({
  position,
  shop_id: draft.shopId,
  customer_id: draft.customerId,
  channel: draft.channel,
  name: draft.name,
  thread_id: draft.threadId,
  email_used: draft.emailUsed,
  date: draft.date,
  last_message: draft.lastMessage,
  last_message_time: draft.lastMessageTime,
  contact_reason: draft.contactReason,
  assigned_to: draft.assignedTo,
  is_opened_ticket: draft.isOpenedTicket,
  unread_chat_count: draft.unreadChatCount,
  tags: draft.tags,
  language_code: draft.languageCode,
  via: draft.via,
  idempotency_key: draft.idempotencyKey,
  request_hash: draft.requestHash,
});

function insertionOf({ customerFound, assigneeFound, replayed, id, ...columns }: InsertionRow): Insertion {
  if (id !== null) return { ticket: { id: BigInt(id), ...columns }, replayed };
  if (!customerFound) return 'customer not found';
  return assigneeFound ? 'disturbed' : 'assignee not found';
}

/**
 * Writes the drafts as tickets and returns what became of each, in their order. Fails as a whole with
 * SQLSTATE 23503 when a customer or an assignee is deleted at the very moment.
 */
export async function insertTickets(
  sql: SqlClient,
  drafts: readonly ShopTicketDraft[],
): Promise<Insertion[]> {
  const rows = await sql.query<InsertionRow>(insertStatement, [JSON.stringify(drafts.map(columnsOf))]);
  return rows.map(insertionOf);
}
