import { OperatorError, reasonOf } from '../operator-error.ts';
import { applyNextMigration, defaultPatience, type LockPatience } from './apply-migration.ts';
import type { Announce, Database, SqlSession } from './database.ts';
import { inTransaction } from './migration-transaction.ts';
import { isUpToDate, pendingOf, readApplied, readMigrations } from './migrations.ts';

/** What can be set about the application of migrations. */
export interface MigrateOptions {
  /** Is told what is waited for. */
  readonly announce?: Announce;
  /** How long tables are waited for that others use. */
  readonly patience?: LockPatience;
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
 * Returns the names of those applied. Safe to run in several processes at once, and beside gateways that work: of a
 * table that others use it lets go again and again. Fails with an OperatorError.
 */
export function migrate(
  database: Database,
  { announce = () => {}, patience = defaultPatience }: MigrateOptions = {},
): Promise<string[]> {
  return onSession(database, async (session) => {
    const migrations = await readMigrations();
    const applied: string[] = [];
    // Whoever has nothing to apply need not wait for those who have.
    if (isUpToDate(migrations, await inTransaction(session, () => readApplied(session)))) return applied;
    for (;;) {
      const name = await applyNextMigration(session, migrations, patience, announce);
      if (name === undefined) return applied;
      applied.push(name);
    }
  });
}

/** Throws an OperatorError unless every migration has been applied. Changes nothing. */
export function requireMigrated(database: Database): Promise<void> {
  return onSession(database, (session) =>
    inTransaction(session, async () => {
      const pending = pendingOf(await readMigrations(), await readApplied(session));
      if (pending.length > 0) {
        throw new OperatorError(
          `The database lacks ${pending.map(({ name }) => name).join(', ')}: run \`migrate\` first.`,
        );
      }
    }),
  );
}
