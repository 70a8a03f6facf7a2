import type { SqlClient, Statement } from '../db/database.ts';
import type { Ticket } from '../db/generated/prisma/client.ts';
import type { TicketDraft } from './input.ts';

/** A draft in its shop. */
export interface ShopTicketDraft extends TicketDraft {
  readonly shopId: number;
}

/** What became of a draft: the ticket, or which of its references the shop does not have. */
export type Insertion = Ticket | 'customer not found' | 'assignee not found';

interface InsertionRow extends Omit<Ticket, 'id'> {
  readonly id: string | null;
  readonly customerFound: boolean;
}

/**
 * Creates tickets, and the human tickets of those that are to be opened, in one statement: all or nothing.
 *
 * SQL beside Prisma, because a `create` of Prisma's costs several round trips and most of a millisecond of
 * CPU. Its columns mirror the model Ticket. A draft whose customer or assignee the shop does not have is
 * left out, and its row says so. The ids are made before the insertion, so that every row finds its draft.
 */
const insertStatement: Statement = {
  name: 'insert_tickets',
  text: `
    WITH draft AS (
      SELECT draft.*, customer.id IS NOT NULL AS customer_found,
        CASE WHEN customer.id IS NOT NULL AND (draft.assigned_to IS NULL OR assignee.id IS NOT NULL)
          THEN next_ticket_id() END AS id
      FROM ROWS FROM (
        jsonb_to_recordset($1::jsonb) AS (
          shop_id INTEGER, customer_id INTEGER, channel TEXT, name TEXT, thread_id TEXT, email_used TEXT,
          date TIMESTAMPTZ, last_message TEXT, last_message_time TIMESTAMPTZ, contact_reason TEXT,
          assigned_to INTEGER, is_opened_ticket BOOLEAN, unread_chat_count INTEGER, tags TEXT[],
          language_code TEXT, via TEXT
        )
      ) WITH ORDINALITY AS draft (
        shop_id, customer_id, channel, name, thread_id, email_used, date, last_message, last_message_time,
        contact_reason, assigned_to, is_opened_ticket, unread_chat_count, tags, language_code, via, position
      )
      LEFT JOIN customers AS customer ON customer.shop_id = draft.shop_id AND customer.id = draft.customer_id
      LEFT JOIN users AS assignee ON assignee.shop_id = draft.shop_id AND assignee.id = draft.assigned_to
    ), created AS (
      INSERT INTO tickets (
        id, shop_id, customer_id, channel, name, thread_id, email_used, date, last_message,
        last_message_time, contact_reason, assigned_to, is_opened_ticket, unread_chat_count, tags,
        language_code, via
      )
      SELECT
        id, shop_id, customer_id, channel, name, thread_id, email_used, COALESCE(date, now()), last_message,
        COALESCE(last_message_time, now()), contact_reason, assigned_to, is_opened_ticket,
        unread_chat_count, tags, language_code, via
      FROM draft WHERE id IS NOT NULL
      RETURNING *
    ), opened AS (
      INSERT INTO human_tickets (ticket_id) SELECT id FROM created WHERE is_opened_ticket
    )
    SELECT
      draft.customer_found AS "customerFound", created.id::TEXT AS "id", created.shop_id AS "shopId",
      created.customer_id AS "customerId", created.channel, created.name, created.thread_id AS "threadId",
      created.email_used AS "emailUsed", created.date, created.last_message AS "lastMessage",
      created.last_message_time AS "lastMessageTime", created.contact_reason AS "contactReason",
      created.assigned_to AS "assignedTo", created.is_opened_ticket AS "isOpenedTicket",
      created.unread_chat_count AS "unreadChatCount", created.tags, created.language_code AS "languageCode",
      created.via, created.created_at AS "createdAt"
    FROM draft LEFT JOIN created ON created.id = draft.id
    ORDER BY draft.position`,
};

const columnsOf = (draft: ShopTicketDraft) => ({
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
});

function insertionOf({ customerFound, id, ...columns }: InsertionRow): Insertion {
  if (id !== null) return { id: BigInt(id), ...columns };
  return customerFound ? 'assignee not found' : 'customer not found';
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
