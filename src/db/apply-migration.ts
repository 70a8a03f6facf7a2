import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { OperatorError, reasonOf } from '../operator-error.ts';
import type { Announce, SqlSession } from './database.ts';
import { inTransaction } from './migration-transaction.ts';
import { type Migration, pendingOf, readApplied } from './migrations.ts';
import { isLockTimeout } from './outage.ts';

// The lock and the table are Prisma's own, so that `prisma migrate deploy` and the gateway exclude each
// other and each continues where the other stopped. Prisma holds the lock until its session ends; here it ends with
// the transaction, for behind a pooler there is no session.
const TRY_LOCK = 'SELECT pg_try_advisory_xact_lock(72707369) AS "isHeld"';
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

/** How long a migration waits for tables that others use. */
export interface LockPatience {
  /** Milliseconds of one attempt, in which all who want the table wait behind it. */
  readonly attempt: number;
  /** Milliseconds between two attempts, in which the others go on. */
  readonly pause: number;
  readonly attempts: number;
}

/** An attempt is shorter than what a ticket waits for, so that the gateways that run refuse none for it. */
export const defaultPatience: LockPatience = { attempt: 500, pause: 1_000, attempts: 30 };

/** Others use a table that a migration changes. */
class TableInUseError extends OperatorError {}

async function apply(session: SqlSession, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await session.executeLong(sql);
    const text = `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count)
      VALUES ($1, $2, $3, now(), 1)`;
    await session.query({ name: 'record_migration', text }, [randomUUID(), checksum, name]);
  } catch (error) {
    if (isLockTimeout(error)) {
      throw new TableInUseError(`The migration ${name} waits for a table that another transaction uses.`);
    }
    throw new OperatorError(`The migration ${name} failed, and nothing of it was kept: ${reasonOf(error)}`);
  }
}

async function takeLock(session: SqlSession, announce: Announce): Promise<void> {
  const [row] = await session.query<{ isHeld: boolean }>({ name: 'try_lock', text: TRY_LOCK }, []);
  if (row?.isHeld) return;
  announce('Another process applies migrations: waiting until it is done.');
  await session.executeLong(LOCK);
}

// What is pending is known once the lock is held.
async function applyNext(
  session: SqlSession,
  migrations: Migration[],
  patience: LockPatience,
  announce: Announce,
): Promise<string | undefined> {
  await takeLock(session, announce);
  const [next] = pendingOf(migrations, await readApplied(session));
  if (next === undefined) return undefined;
  await session.execute(TABLE);
  await session.execute(`SET LOCAL lock_timeout TO ${patience.attempt}`);
  await apply(session, next);
  return next.name;
}

/**
 * Applies the first migration that is pending, in a transaction with its record, and returns its name. Of a table that
 * others use it lets go again and again, and at last fails with an OperatorError, as when the migration itself fails.
 */
export async function applyNextMigration(
  session: SqlSession,
  migrations: Migration[],
  patience: LockPatience,
  announce: Announce,
): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(session, () => applyNext(session, migrations, patience, announce));
    } catch (error) {
      if (!(error instanceof TableInUseError) || attempt === patience.attempts) throw error;
      if (attempt === 1) announce(error.message);
      await sleep(patience.pause);
    }
  }
}
