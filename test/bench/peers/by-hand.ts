import pg from 'pg';
import { type KeyShop, withKeyCache } from './key-cache.ts';

// The tables as one uses them who writes SQL by hand: a pool, a statement prepared once on each connection, and
// no query that the tables' own constraints make unnecessary.
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });

/** Finds the shop of an API key. */
export const findShop = withKeyCache(async (hash) => {
  const { rows } = await pool.query<KeyShop>(
    `SELECT shop.id, shop.domain FROM api_keys AS key JOIN shops AS shop ON shop.id = key.shop_id
     WHERE key.hash = $1 AND key.revoked_at IS NULL AND (key.expires_at IS NULL OR key.expires_at > now())
       AND shop.closed_at IS NULL`,
    [hash],
  );
  return rows[0];
});

/** What a ticket is created from; what is missing gets the default of its column or null. */
export interface NewTicket {
  readonly customerId: number;
  readonly channel: string;
  readonly name?: string | null;
  readonly threadId?: string | null;
  readonly emailUsed?: string | null;
  readonly date?: string | null;
  readonly lastMessage?: string | null;
  readonly lastMessageTime?: string | null;
  readonly contactReason?: string | null;
  readonly assignedTo?: number | null;
  readonly isOpenedTicket?: boolean | null;
  readonly unreadChatCount?: number | null;
  readonly tags?: readonly string[] | null;
  readonly languageCode?: string | null;
  readonly via?: string | null;
}

/** What the database alone knows of a new ticket. */
export interface InsertedTicket {
  readonly id: string;
  readonly date: Date;
  readonly lastMessageTime: Date;
}

const insertStatement = {
  name: 'insert_ticket',
  text: `
    WITH ticket AS (
      INSERT INTO tickets (
        shop_id, customer_id, assigned_to, channel, name, thread_id, email_used, date, last_message,
        last_message_time, contact_reason, is_opened_ticket, unread_chat_count, tags, language_code, via
      ) VALUES (
        $1, $2, $3, $4, $5, $6, $7, COALESCE($8, now()), $9, COALESCE($10, now()), $11, $12, $13, $14, $15, $16
      ) RETURNING id, date, last_message_time, is_opened_ticket
    ), opened AS (
      INSERT INTO human_tickets (ticket_id) SELECT id FROM ticket WHERE is_opened_ticket
    )
    SELECT id, date, last_message_time AS "lastMessageTime" FROM ticket`,
};

const missing: Readonly<Record<string, 'customer not found' | 'assignee not found'>> = {
  tickets_shop_id_customer_id_fkey: 'customer not found',
  tickets_shop_id_assigned_to_fkey: 'assignee not found',
};

/** Creates a ticket, with its human ticket if it is to be opened, or says what the shop does not have. */
export async function insertTicket(
  shop: KeyShop,
  ticket: NewTicket,
): Promise<InsertedTicket | 'customer not found' | 'assignee not found'> {
  const values = [
    shop.id,
    ticket.customerId,
    ticket.assignedTo,
    ticket.channel,
    ticket.name,
    ticket.threadId,
    ticket.emailUsed,
    ticket.date,
    ticket.lastMessage,
    ticket.lastMessageTime,
    ticket.contactReason,
    ticket.isOpenedTicket ?? false,
    ticket.unreadChatCount ?? 0,
    ticket.tags ?? [],
    ticket.languageCode,
    ticket.via,
  ];
  try {
    const { rows } = await pool.query<InsertedTicket>({ ...insertStatement, values });
    const [inserted] = rows;
    if (inserted === undefined) throw new Error('The statement returned no ticket');
    return inserted;
  } catch (error) {
    const broken = error instanceof pg.DatabaseError ? missing[error.constraint ?? ''] : undefined;
    if (broken === undefined) throw error;
    return broken;
  }
}
