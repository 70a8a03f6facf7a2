import type { Config } from '../config.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { openEmbedded } from './embedded.ts';
import type { PrismaClient } from './generated/prisma/client.ts';
import type { PoolShares } from './pool-shares.ts';
import { openPostgres } from './postgres.ts';

/** One SQL statement with its text and, so that the server can keep it prepared, a name of its own. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Runs SQL beside Prisma, on the same connections. */
export interface SqlClient {
  /** Runs one parametrised statement and returns its rows. Fails with the driver's error, `code` a SQLSTATE. */
  query<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}

/** One connection held for several statements: one of its own on PostgreSQL, the only one on PGlite. */
export interface SqlSession extends SqlClient {
  /** Runs a text of any number of statements, without parameters or rows. */
  execute(script: string): Promise<void>;
  /** The same, however long it takes, as long as the connection leads anywhere. */
  executeLong(script: string): Promise<void>;
}

/** The pool of connections to PostgreSQL, at a moment. */
export interface PoolState {
  /** Connections, used or not. */
  readonly total: number;
  /** Connections that nobody uses. */
  readonly idle: number;
  /** Statements that wait for a connection. */
  readonly waiting: number;
}

/** The open database, PostgreSQL or embedded PGlite; nothing outside src/db knows which. */
export interface Database {
  /** The engine's name, to be shown to people. */
  readonly engine: 'PostgreSQL' | 'PGlite';
  /** The models, for everything but the creation of tickets. */
  readonly prisma: PrismaClient;
  /** Plain SQL, for the creation of tickets. */
  readonly sql: SqlClient;
  /**
   * Runs the work on one connection, with all that it sets or locks there; behind a pooler in transaction mode each
   * transaction of it.
   */
  withSession<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result>;
  /** How much of each kind of work may be under way at once. */
  readonly shares: PoolShares;
  /** Looks at the pool of connections; PGlite has none. */
  readonly poolState?: () => PoolState;
  /** Ends all connections; of PGlite also the ownership of its folder. */
  close(): Promise<void>;
}

/** Something to say to the person at the terminal while a slow step runs. */
export type Announce = (message: string) => void;

/**
 * Opens PostgreSQL at DATABASE_URL, or without one PGlite in DATA_DIR. Applies no migrations. With tracing, the
 * statements that Prisma runs are told there.
 */
export function openDatabase(config: Config, announce: Announce, tracing?: Tracing): Promise<Database> {
  return config.databaseUrl === undefined
    ? openEmbedded(config.dataDirectory, announce, tracing)
    : openPostgres(config.databaseUrl, config.databasePoolSize, config.requestDeadline, {
        transactionPooling: config.transactionPooling,
        tracing,
      });
}
