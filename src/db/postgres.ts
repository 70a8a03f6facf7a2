import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { OperatorError, reasonOf } from '../operator-error.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { cancelAbandoned } from './abandoned-statements.ts';
import type { Database, SqlClient } from './database.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { GuardedClient } from './guarded-client.ts';
import { endIdleConnections } from './idle-connections.ts';
import { answerTo } from './outage.ts';
import { sharesOf } from './pool-shares.ts';
import { requireRoleSettings, type ServerLimits } from './role-settings.ts';
import { tracedAdapter } from './traced-adapter.ts';

const SESSION_SETTINGS = [
  // Prisma's adapter takes every timestamp for UTC in ISO form, whatever the server, the database or the role is set to.
  "SET TIME ZONE 'UTC'",
  'SET datestyle TO ISO',
  // A connection keeps the plans that it once made: one that reads the whole of a table because it is still empty must not
  // be made.
  'SET enable_seqscan TO off',
  // A ticket is acknowledged when it is there to stay; also set where it is so already, for else it would follow the
  // server's own setting when that is changed.
  `SELECT set_config('synchronous_commit', CASE setting WHEN 'off' THEN 'on' ELSE setting END, false)
    FROM current_setting('synchronous_commit') AS setting`,
  // The pool keeps one open, which the server could else end in the moment in which it is used.
  'SET idle_session_timeout TO 0',
].join(';');

// Without its name a statement is prepared for this one time, on whatever connection it meets.
const clientOf = (connection: pg.Pool | pg.Client, hasSessions: boolean): SqlClient => ({
  query: async ({ name, text }, values) => {
    const asked = connection.query({ name: hasSessions ? name : '', text, values: [...values] });
    return (await answerTo(asked)).rows;
  },
});

/** What can be set about PostgreSQL beside its address. */
export interface PostgresOptions {
  /** Whether the URL is that of a pooler which gives every transaction any connection. */
  readonly transactionPooling?: boolean;
  /** Is told the statements that Prisma runs. */
  readonly tracing?: Tracing | undefined;
}

// However long a request may wait: whether a connection still leads anywhere is only seen by how long it is silent, and
// tickets are to be created again soon after the database is back.
const LONGEST_SILENCE_MS = 4_000;

// A session may have much to do, but what takes long is known; and whoever is silent for so long is asked whether he is
// still there.
const SESSION_SILENCE_MS = 10_000;
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Opens a pool of connections to a PostgreSQL server. A statement fails when it takes longer than half of the
 * deadline, in milliseconds, or than four seconds, or has to wait as long for its connection. With transaction pooling
 * nothing is set or prepared on a connection. Throws an OperatorError when the server cannot be used.
 */
export async function openPostgres(
  url: string,
  poolSize: number,
  deadline: number,
  { transactionPooling = false, tracing }: PostgresOptions = {},
): Promise<Database> {
  const hasSessions = !transactionPooling;
  const patience = Math.min(Math.floor(deadline / 2), LONGEST_SILENCE_MS);
  const limits: ServerLimits = {
    statement_timeout: patience,
    // For what Prisma runs; the statements that create tickets have one of their own.
    lock_timeout: Math.floor(patience / 3),
  };
  const session = {
    ...limits,
    onConnect: async (client: pg.ClientBase) => {
      await client.query(SESSION_SETTINGS);
    },
  };
  const pool = new pg.Pool({
    Client: GuardedClient,
    connectionString: url,
    max: poolSize,
    // Stays open, so that the first ticket after a pause need not wait for a connection.
    min: 1,
    // pg has no limits by default. The server's own cancels a statement that nobody waits for any more; the
    // client's is for a server that does not answer at all.
    connectionTimeoutMillis: patience,
    query_timeout: patience,
    keepAlive: true,
    application_name: 'ticket-gateway',
    ...(hasSessions && session),
  });
  // A pool reports the end of an idle connection here; without a listener it would end the process.
  // Nothing is lost with an idle connection, and the next statement opens another.
  pool.on('error', () => {});
  cancelAbandoned(pool, patience);
  endIdleConnections(pool);
  const sql = clientOf(pool, hasSessions);
  try {
    const { rows } = await pool.query<{ server_encoding: string }>('SHOW server_encoding');
    if (rows[0]?.server_encoding !== 'UTF8') throw new Error('its encoding is not UTF8');
    if (!hasSessions) await requireRoleSettings(sql, limits);
  } catch (error) {
    await pool.end();
    throw new OperatorError(`The database at DATABASE_URL cannot be used: ${reasonOf(error)}`);
  }
  const adapter = tracedAdapter(new PrismaPg(pool), tracing);
  const prisma = new PrismaClient({ adapter, errorFormat: 'minimal' });

  return {
    engine: 'PostgreSQL',
    prisma,
    sql,
    async withSession(work) {
      // Not of the pool: free of its time-outs, and whatever the session sets or locks ends with it.
      const connection = new GuardedClient({
        connectionString: url,
        application_name: 'ticket-gateway',
        connectionTimeoutMillis: patience,
        query_timeout: SESSION_SILENCE_MS,
        keepAlive: true,
        keepAliveInitialDelayMillis: SESSION_SILENCE_MS,
      });
      // Its end is an error of the statement that runs then, or of the next; here it would end the process.
      connection.on('error', () => {});
      await connection.connect();
      try {
        if (hasSessions) await connection.query(SESSION_SETTINGS);
        return await work({
          ...clientOf(connection, hasSessions),
          execute: async (script) => {
            await connection.query(script);
          },
          executeLong: async (text) => {
            await connection.query({ text, query_timeout: LONGEST_TIMER_MS } as pg.QueryConfig);
          },
        });
      } finally {
        await connection.end();
      }
    },
    shares: sharesOf(poolSize),
    poolState: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}
