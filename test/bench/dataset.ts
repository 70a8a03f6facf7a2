import { createHash } from 'node:crypto';

/** Text of the key that the load comes with. */
export const KEY = 'bench-key-of-the-first-shop';

/** Domain of the key's shop. */
export const SHOP_DOMAIN = 'bench.example';

/** How many customers and agents the shop has; numbered from 1. */
export const CUSTOMERS = 10_000;
export const AGENTS = 100;

/** A customer of another shop. */
export const FOREIGN_CUSTOMER = CUSTOMERS + 1;

/** Runs one statement. */
export type Execute = (statement: string) => Promise<unknown>;

const keyHash = createHash('sha256').update(KEY).digest('hex');

const records = [
  `INSERT INTO shops (domain, name) VALUES ('${SHOP_DOMAIN}', 'Bench'), ('other.example', 'Other')`,
  `INSERT INTO customers (shop_id, email, first_name)
   SELECT 1, 'customer' || n || '@bench.example', 'Ada' FROM generate_series(1, ${CUSTOMERS}) AS n`,
  "INSERT INTO customers (shop_id, email) VALUES (2, 'customer@other.example')",
  `INSERT INTO users (shop_id, email)
   SELECT 1, 'agent' || n || '@bench.example' FROM generate_series(1, ${AGENTS}) AS n`,
  `INSERT INTO api_keys (shop_id, name, hash, prefix, scopes)
   VALUES (1, 'Bench', '${keyHash}', 'bench', '{tickets:write,tickets:read}')`,
];

const PRELOADED_AT_ONCE = 1_000_000;

// Such as a helpdesk has after years, spread over all customers; half of them came with an idempotency key.
const preload = (first: number, last: number) => `
  INSERT INTO tickets (shop_id, customer_id, channel, name, date, last_message, last_message_time,
    assigned_to, is_opened_ticket, unread_chat_count, tags, idempotency_key, request_hash)
  SELECT 1, 1 + n % ${CUSTOMERS}, 'Mail', 'Ticket ' || n, now(), 'Where is my order ' || n || '?', now(),
    1 + n % ${AGENTS}, false, 0, '{order,delivery}',
    CASE WHEN n % 2 = 0 THEN 'preloaded-' || n END, CASE WHEN n % 2 = 0 THEN md5(n::text) END
  FROM generate_series(${first}, ${last}) AS n`;

/**
 * Fills a migrated, empty database with two shops, their customers and agents, a key for the first, and so many
 * tickets; and leaves nothing of that for the server to do later, while it is measured.
 */
export async function fill(execute: Execute, tickets: number): Promise<void> {
  for (const statement of records) await execute(statement);
  for (let first = 1; first <= tickets; first += PRELOADED_AT_ONCE) {
    await execute(preload(first, Math.min(first + PRELOADED_AT_ONCE - 1, tickets)));
  }
  await execute('VACUUM ANALYZE');
  await execute('CHECKPOINT');
}
