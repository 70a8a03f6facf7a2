import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { OperatorError } from '../operator-error.ts';
import type { SqlSession } from './database.ts';

const directory = new URL('../../prisma/migrations/', import.meta.url);

/** A change of the tables, as it stands in a file. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** A change of the tables, as the database has it recorded. */
export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

/** Reads the migrations that this version has, in their order. */
export async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(fileURLToPath(new URL(`${name}/migration.sql`, directory)), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** Reads what was done to a database and not undone. */
export async function readApplied(session: SqlSession): Promise<AppliedMigration[]> {
  // By a query of the catalog itself, for `to_regclass` may remember that there was no table before the lock was held.
  const find = `SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = '_prisma_migrations'`;
  const tables = await session.query({ name: 'find_migrations', text: find }, []);
  if (tables.length === 0) return [];
  const text = `SELECT migration_name AS "name", checksum, finished_at IS NOT NULL AS "finished"
    FROM "_prisma_migrations" WHERE rolled_back_at IS NULL`;
  return session.query<AppliedMigration>({ name: 'read_migrations', text }, []);
}

/** The migrations that a database lacks. Fails with an OperatorError when one was left half applied, or changed since. */
export function pendingOf(migrations: Migration[], applied: AppliedMigration[]): Migration[] {
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

/** Whether a database has been brought to this version, or beyond it. If not, somebody else may just be doing it. */
export function isUpToDate(migrations: Migration[], applied: AppliedMigration[]): boolean {
  return applied.every(({ finished }) => finished) && pendingOf(migrations, applied).length === 0;
}
