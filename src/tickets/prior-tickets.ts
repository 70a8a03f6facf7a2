import type { Database, SqlClient, Statement } from '../db/database.ts';
import type { Turns } from '../limits/turns.ts';
import {
  type AwaitedStatement,
  runAwaited,
  type StatementSummary,
  type Tracing,
} from '../telemetry/tracing.ts';
import { awaitStandby } from './await-standby.ts';
import type { ShopTicketDraft } from './insert-tickets.ts';

const summary: StatementSummary = { operation: 'SELECT', table: 'tickets' };

// A subquery for each key, because the planner, which knows little of a table that grows fast, would answer a list of
// them by reading all tickets of the shop.
const findStatement: Statement = {
  name: 'find_prior_tickets',
  text: `
    SELECT key, id::TEXT FROM (
      SELECT key, (SELECT id FROM public.tickets WHERE shop_id = $1 AND idempotency_key = key) AS id
      FROM unnest($2::TEXT[]) AS key OFFSET 0
    ) AS prior
    WHERE id IS NOT NULL AND ${awaitStandby}`,
};

interface PriorTicketRow {
  readonly key: string;
  readonly id: string;
}

/** The ids of a shop's tickets that have these keys. */
async function findPriorTickets(
  sql: SqlClient,
  shopId: number,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const rows = await sql.query<PriorTicketRow>(findStatement, [shopId, keys]);
  return new Map(rows.map(({ key, id }) => [key, id]));
}

interface LookUp {
  readonly keys: string[];
  /** Where the statement is to be told of, in the trace of each key's request. */
  readonly awaited: (AwaitedStatement | undefined)[];
  readonly found: Promise<ReadonlyMap<string, string>>;
}

/**
 * Finds the tickets that idempotency keys were used for. A shop past its rate limit may ask for many: those that wait for
 * its turn are looked up with one statement.
 */
export class PriorTickets {
  readonly #database: Database;
  readonly #turns: Turns;
  readonly #tracing: Tracing | undefined;
  /** By the numbers of the shops, what waits for its turn. */
  readonly #waiting = new Map<number, LookUp>();

  constructor(database: Database, turns: Turns, tracing?: Tracing) {
    this.#database = database;
    this.#turns = turns;
    this.#tracing = tracing;
  }

  /** The id of the ticket that has a draft's key, if any. Fails with a TookTooLongError when its turn does not come in time. */
  async find({ shopId, idempotencyKey }: ShopTicketDraft): Promise<bigint | undefined> {
    if (idempotencyKey === null) return undefined;
    const { keys, awaited, found } = this.#waiting.get(shopId) ?? this.#prepare(shopId);
    keys.push(idempotencyKey);
    awaited.push(this.#tracing?.awaitStatement(summary));
    const id = (await found).get(idempotencyKey);
    return id ? BigInt(id) : undefined;
  }

  #prepare(shopId: number): LookUp {
    const [keys, awaited]: [string[], LookUp['awaited']] = [[], []];
    const found = this.#turns.run(shopId, async () => {
      // A turn may come at once, before the first key is there.
      await null;
      this.#waiting.delete(shopId);
      return await runAwaited(awaited, () => findPriorTickets(this.#database.sql, shopId, keys));
    });
    const lookUp = { keys, awaited, found };
    this.#waiting.set(shopId, lookUp);
    // Its turn may not have come at all.
    found.catch(() => this.#waiting.get(shopId) === lookUp && this.#waiting.delete(shopId));
    return lookUp;
  }
}
