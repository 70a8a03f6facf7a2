import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { OperatorError, reasonOf } from '../operator-error.ts';
import type { Database, SqlSession } from './database.ts';

const directory = new URL('../../prisma/migrations/', import.meta.url);

// The lock and the table are Prisma's own, so that `prisma migrate deploy` and the gateway exclude each
// other and each continues where the other stopped. Prisma holds the lock until its session ends; here it ends with
// the transaction, for behind a pooler there is no session. The tables belong into the schema public, and the
// time-outs and the isolation of a role are for requests: what others did is to be seen once the lock is held.
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED;
  SET LOCAL search_path TO public; SET LOCAL statement_timeout TO 0; SET LOCAL lock_timeout TO 0`;
const LOCK = 'SELECT pg_advisory_xact_lock(72707369)';
const TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(fileURLToPath(new URL(`${name}/migration.sql`, directory)), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function readApplied(session: SqlSession): Promise<AppliedMigration[]> {
  const text = `SELECT migration_name AS "name", checksum, finished_at IS NOT NULL AS "finished"
    FROM "_prisma_migrations" WHERE rolled_back_at IS NULL`;
  return session.query<AppliedMigration>({ name: 'read_migrations', text }, []);
}

function pendingOf(migrations: Migration[], applied: AppliedMigration[]): Migration[] {
  const unfinished = applied.find((migration) => !migration.finished);
  if (unfinished) {
    throw new OperatorError(
      `The migration ${unfinished.name} failed halfway: resolve it with Prisma's CLI first.`,
    );
  }
  return migrations.filter((migration) => {
    const earlier = applied.find(({ name }) => name === migration.name);
    if (earlier && earlier.checksum !== migration.checksum) {
      throw new OperatorError(`The migration ${migration.name} was changed after it had been applied.`);
    }
    return earlier === undefined;
  });
}

async function inTransaction<Result>(session: SqlSession, work: () => Promise<Result>): Promise<Result> {
  await session.execute(BEGIN);
  try {
    const result = await work();
    await session.execute('COMMIT');
    return result;
  } catch (error) {
    await session.execute('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function apply(session: SqlSession, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await session.execute(sql);
    const text = `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count)
      VALUES ($1, $2, $3, now(), 1)`;
    await session.query({ name: 'record_migration', text }, [randomUUID(), checksum, name]);
  } catch (error) {
    throw new OperatorError(`The migration ${name} failed, and nothing of it was kept: ${reasonOf(error)}`);
  }
}

/** Applies the first migration that is pending once the lock is held, and returns its name. */
async function applyNext(session: SqlSession, migrations: Migration[]): Promise<string | undefined> {
  await session.execute(LOCK);
  await session.execute(TABLE);
  const [next] = pendingOf(migrations, await readApplied(session));
  if (next !== undefined) await apply(session, next);
  return next?.name;
}

// Whatever fails here is the operator's to mend: a right that lacks, a lock that is held, a lost connection.
function onSession<Result>(
  database: Database,
  work: (session: SqlSession) => Promise<Result>,
): Promise<Result> {
  return database.withSession(work).catch((error: unknown) => {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`The database cannot be used: ${reasonOf(error)}`);
  });
}

/**
 * Brings the tables up to date: applies every pending migration, each in a transaction with its record.
 * Returns the names of those applied. Safe to run in several processes at once. Fails with an OperatorError.
 */
export function migrate(database: Database): Promise<string[]> {
  return onSession(database, async (session) => {
    const migrations = await readMigrations();
    const applied: string[] = [];
    for (;;) {
      const name = await inTransaction(session, () => applyNext(session, migrations));
      if (name === undefined) return applied;
      applied.push(name);
    }
  });
}

/** Throws an OperatorError unless every migration has been applied. Changes nothing. */
export function requireMigrated(database: Database): Promise<void> {
  return onSession(database, (session) =>
    inTransaction(session, async () => {
      const text = `SELECT to_regclass('"_prisma_migrations"') IS NOT NULL AS "exists"`;
      const [table] = await session.query<{ exists: boolean }>({ name: 'find_migrations', text }, []);
      const pending = pendingOf(await readMigrations(), table?.exists ? await readApplied(session) : []);
      if (pending.length > 0) {
        throw new OperatorError(
          `The database lacks ${pending.map(({ name }) => name).join(', ')}: run \`migrate\` first.`,
        );
      }
    }),
  );
}
