import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { DemoShop } from '../../src/shops/demo-shop.ts';
import { DEMO_KEY } from '../../src/shops/demo-shop.ts';
import type { Environment } from '../helpers/start-process.ts';
import { startProcess } from '../helpers/start-process.ts';
import { type ClusterFolders, PostgresCluster } from './postgres-cluster.ts';
import type { Workbench } from './workbench.ts';

/** A ticket as the database has it. */
export interface TicketRow {
  readonly id: string;
  readonly idempotencyKey: string;
  readonly isOpenedTicket: boolean;
  readonly humanTickets: number;
}

/** A database of the experiments' own. */
export interface Engine {
  readonly name: 'PostgreSQL' | 'PGlite';
  /** What a gateway has to be told to run on it. */
  readonly settings: Environment;
  /** Reads the tickets whose keys start with this; of PGlite only when no gateway runs. */
  readTickets(prefix: string): Promise<TicketRow[]>;
}

const readTickets = `SELECT ticket.id::TEXT, ticket.idempotency_key AS "idempotencyKey",
    ticket.is_opened_ticket AS "isOpenedTicket", count(human.id)::INTEGER AS "humanTickets"
  FROM tickets AS ticket LEFT JOIN human_tickets AS human ON human.ticket_id = ticket.id
  WHERE ticket.idempotency_key LIKE $1 GROUP BY ticket.id`;

/** A shop's key, and a customer of it. */
export type Asker = Pick<DemoShop, 'key' | 'customerId'>;

/** The demo shop, which PGlite has by itself and PostgreSQL is given. Its numbers are those of a first shop. */
export const shop: Asker = { key: DEMO_KEY, customerId: 1 };

/** An embedded database in a folder, which is an empty one of its own unless it is given. */
export async function makeEmbedded(bench: Workbench, given?: string): Promise<Engine> {
  const folder = given ?? (await bench.makeFolder());
  return {
    name: 'PGlite',
    settings: { DATA_DIR: folder },
    async readTickets(prefix) {
      const cluster = join(folder, 'pglite');
      if (!existsSync(cluster)) return [];
      const pglite = await PGlite.create(cluster);
      const { rows } = await pglite.query<TicketRow>(readTickets, [`${prefix}%`]);
      await pglite.close();
      return rows;
    },
  };
}

/** A PostgreSQL server of the experiments' own, with the tables and the demo shop in it. */
export interface PostgresEngine extends Engine {
  readonly cluster: PostgresCluster;
}

/** Makes and starts it. Its gateways are no superusers, as in production. */
export async function makePostgres(bench: Workbench, folders?: ClusterFolders): Promise<PostgresEngine> {
  const cluster = await PostgresCluster.make(bench, { folders });
  const settings = { DATABASE_URL: cluster.url };
  const seeded = await startProcess(['seed', '--json'], settings).finished;
  if (seeded.exitCode !== 0) throw new Error(`The demo shop could not be made:\n${seeded.stderr}`);
  return {
    name: 'PostgreSQL',
    cluster,
    settings,
    readTickets: (prefix) => cluster.query<TicketRow>(readTickets, [`${prefix}%`]),
  };
}
