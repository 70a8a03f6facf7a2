import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { OperatorError, reasonOf } from '../operator-error.ts';
import type { Database, SqlClient } from './database.ts';
import { PrismaClient } from './generated/prisma/client.ts';

// pg has neither limit by default: an unreachable server or an exhausted pool would hang requests forever.
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;

const clientOf = (connection: pg.Pool | pg.PoolClient): SqlClient => ({
  query: async (statement, values) => (await connection.query({ ...statement, values: [...values] })).rows,
});

/** Opens a pool of connections to a PostgreSQL server. Throws an OperatorError when it cannot be used. */
export async function openPostgres(url: string, poolSize: number): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'ticket-gateway',
    // Prisma's adapter takes every timestamp for UTC, whatever zone the server or the role is set to.
    onConnect: async (client) => {
      await client.query("SET TIME ZONE 'UTC'");
    },
  });
  // A pool reports the end of an idle connection here; without a listener it would end the process.
  // Nothing is lost with an idle connection, and the next statement opens another.
  pool.on('error', () => {});
  try {
    await pool.query('SELECT 1');
  } catch (error) {
    await pool.end();
    throw new OperatorError(`The database at DATABASE_URL cannot be used: ${reasonOf(error)}`);
  }
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' });

  return {
    engine: 'PostgreSQL',
    prisma,
    sql: clientOf(pool),
    async withSession(work) {
      const connection = await pool.connect();
      try {
        return await work({
          ...clientOf(connection),
          execute: async (script) => {
            await connection.query(script);
          },
        });
      } finally {
        // Not handed back to the pool: whatever the session has set or locked ends with its connection.
        connection.release(true);
      }
    },
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}
