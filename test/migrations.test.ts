import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../src/db/database.ts';
import { migrate, requireMigrated } from '../src/db/migrate.ts';
import { OperatorError } from '../src/operator-error.ts';
import { openTestDatabase } from './helpers/database.ts';
import { eventually } from './helpers/eventually.ts';
import { openInspectedDatabase } from './helpers/schema-engine.ts';

const directory = new URL('../prisma/migrations/', import.meta.url);
const datamodel = await readFile(new URL('../prisma/schema.prisma', import.meta.url), 'utf8');

const entries = await readdir(directory, { withFileTypes: true });
const names = entries
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();
const lastName = names.at(-1);

async function expectedRecord(name: string) {
  const file = await readFile(new URL(`${name}/migration.sql`, directory));
  return {
    migration_name: name,
    checksum: createHash('sha256').update(file).digest('hex'),
    finished_at: expect.any(Date),
    rolled_back_at: null,
    logs: null,
    applied_steps_count: 1,
  };
}

async function openMigrated(): Promise<Database> {
  const database = await openTestDatabase();
  onTestFinished(() => database.close());
  return database;
}

const execute = (database: Database, script: string) =>
  database.withSession((session) => session.execute(script));

// To copy a migrated database and empty it takes a fraction of the time to make one.
const empty = (database: Database) => execute(database, 'DROP SCHEMA public CASCADE; CREATE SCHEMA public');

async function openEmpty(): Promise<Database> {
  const database = await openMigrated();
  await empty(database);
  return database;
}

async function openEmptyWithRecords(): Promise<Database> {
  const database = await openMigrated();
  await execute(
    database,
    `CREATE SCHEMA remaining;
    ALTER TABLE "_prisma_migrations" SET SCHEMA remaining;
    DROP SCHEMA public CASCADE;
    ALTER SCHEMA remaining RENAME TO public`,
  );
  return database;
}

const readRecords = ({ sql }: Database) =>
  sql.query({ name: 'read_records', text: 'SELECT * FROM "_prisma_migrations" ORDER BY finished_at' }, []);

async function readTables({ sql }: Database): Promise<string[]> {
  const text = `SELECT tablename AS "name" FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`;
  const tables = await sql.query<{ name: string }>({ name: 'read_tables', text }, []);
  return tables.map(({ name }) => name);
}

describe('the models of prisma/schema.prisma', async () => {
  const inspected = await openInspectedDatabase();
  afterAll(() => inspected.close());

  test('the SQL migrations and schema.prisma describe the same database', async () => {
    expect(await inspected.differences(datamodel)).toEqual([]);
  });

  test.each([
    ['a further column', 'model Shop {', 'model Shop {\n  extra String?', 'ADD COLUMN     "extra" TEXT'],
    ['a further index', 'model Shop {', 'model Shop {\n  @@index([name])', 'CREATE INDEX "shops_name_idx"'],
    ['a missing index', '@@index([shopId, assignedTo])', '', 'DROP INDEX "tickets_shop_id_assigned_to_idx"'],
    ['required columns', 'DateTime?', 'DateTime', '"closed_at" SET NOT NULL'],
    ['a finer time', 'Timestamptz(3)', 'Timestamptz(6)', '"date" SET DATA TYPE TIMESTAMPTZ(6)'],
    ['another default', '"next_ticket_id()"', '"random_id()"', '"id" SET DEFAULT random_id()'],
    ['another rule of deletion', 'onDelete: Cascade', 'onDelete: Restrict', 'ON DELETE RESTRICT'],
    ['a further enum value', 'OPEN ', 'LOCKED\n  OPEN ', "ADD VALUE 'LOCKED'"],
  ])('a datamodel with %s is reported as different', async (_change, original, replacement, statement) => {
    const [toDatamodel, toDatabase] = await inspected.differences(
      datamodel.replaceAll(original, replacement),
    );
    expect(toDatamodel).toContain(statement);
    expect(toDatabase).toMatch(/ALTER|CREATE|DROP/);
  });
});

describe('the application of migrations', () => {
  test('migrations are applied once, in order, and recorded as Prisma records them', async () => {
    const database = await openEmpty();
    expect(await migrate(database)).toEqual(names);
    const records = await readRecords(database);
    const expected = await Promise.all(names.map(expectedRecord));
    expect(records).toEqual(expected.map((record) => expect.objectContaining(record)));

    expect(await migrate(database)).toEqual([]);
    expect(await readRecords(database)).toEqual(records);
  });

  test('Prisma finds nothing to apply, to resolve or to repair in a migrated database', async () => {
    const inspected = await openInspectedDatabase();
    onTestFinished(() => inspected.close());
    expect(await inspected.diagnose()).toEqual({
      hasMigrationsTable: true,
      history: null,
      editedMigrationNames: [],
      failedMigrationNames: [],
    });
  });

  test('migrations that Prisma has recorded as applied count as applied', async () => {
    const inspected = await openInspectedDatabase();
    onTestFinished(() => inspected.close());
    await empty(inspected.database);
    for (const name of names) await inspected.markApplied(name);
    await expect(requireMigrated(inspected.database)).resolves.toBeUndefined();
  });

  test('a migration that was changed after it was applied is refused', async () => {
    const database = await openMigrated();
    await execute(
      database,
      `UPDATE "_prisma_migrations" SET checksum = repeat('0', 64) WHERE migration_name = '${lastName}'`,
    );
    const refusal = new OperatorError(`The migration ${lastName} was changed after it had been applied.`);
    await expect(migrate(database)).rejects.toThrow(refusal);
    await expect(requireMigrated(database)).rejects.toThrow(refusal);
  });

  test('a migration that Prisma left half applied is refused', async () => {
    const database = await openMigrated();
    await execute(
      database,
      `UPDATE "_prisma_migrations" SET finished_at = NULL, applied_steps_count = 0, logs = 'ERROR'
        WHERE migration_name = '${lastName}'`,
    );
    const refusal = new OperatorError(
      `The migration ${lastName} failed halfway: resolve it with Prisma's CLI first.`,
    );
    await expect(migrate(database)).rejects.toThrow(refusal);
    await expect(requireMigrated(database)).rejects.toThrow(refusal);
  });

  test('a migration that was marked as rolled back is applied again', async () => {
    const database = await openEmptyWithRecords();
    await execute(
      database,
      'UPDATE "_prisma_migrations" SET finished_at = NULL, applied_steps_count = 0, rolled_back_at = now()',
    );
    expect(await migrate(database)).toEqual(names);
    expect(await readRecords(database)).toHaveLength(2 * names.length);
  });

  test('migrations of a later version do not keep this one from starting', async () => {
    const database = await openMigrated();
    await execute(
      database,
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at, applied_steps_count)
        VALUES ('later', repeat('0', 64), '29991231000000_later', now(), 1)`,
    );
    expect(await migrate(database)).toEqual([]);
    await expect(requireMigrated(database)).resolves.toBeUndefined();
  });

  test('a migration that fails, if only at its record, leaves nothing behind and can be applied later', async () => {
    const database = await openEmptyWithRecords();
    await execute(
      database,
      `DELETE FROM "_prisma_migrations";
      ALTER TABLE "_prisma_migrations" ADD CONSTRAINT "obstacle" CHECK (applied_steps_count = 0)`,
    );
    await expect(migrate(database)).rejects.toThrow(
      new OperatorError(
        `The migration ${names[0]} failed, and nothing of it was kept: ` +
          'new row for relation "_prisma_migrations" violates check constraint "obstacle"',
      ),
    );
    expect(await readTables(database)).toEqual(['_prisma_migrations']);
    expect(await readRecords(database)).toEqual([]);

    await execute(database, 'ALTER TABLE "_prisma_migrations" DROP CONSTRAINT "obstacle"');
    expect(await migrate(database)).toEqual(names);
  });

  test('two processes that migrate one database at once both succeed and apply each migration once between them', async () => {
    const database = await openEmpty();
    const applied =
      database.engine === 'PostgreSQL'
        ? await migrateTwiceAtOnce(database)
        : // PGlite has one connection, of one process: whoever comes second finds the first one's work done.
          [await migrate(database), await migrate(database)];
    expect(applied.flat().sort()).toEqual(names);
    expect(await readRecords(database)).toHaveLength(names.length);
  });
});

/** Has both wait for the lock, which Prisma's CLI also takes, so that they do meet. */
async function migrateTwiceAtOnce(database: Database): Promise<string[][]> {
  // Whatever the database is set to: in a stricter transaction, who has waited would see nothing of what the other did.
  await execute(
    database,
    `DO $$ BEGIN
      EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation TO serializable', current_database());
    END $$`,
  );
  const text = `SELECT objid FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted`;
  const both = await database.withSession(async (session) => {
    await session.execute('SELECT pg_advisory_lock(72707369)');
    const started = [migrate(database), migrate(database)];
    const bothWait = async () => {
      const waiting = await database.sql.query({ name: 'read_waiting', text }, []);
      expect(waiting).toEqual([{ objid: 72707369 }, { objid: 72707369 }]);
    };
    await eventually(bothWait);
    return started;
  });
  return Promise.all(both);
}

describe('the check before the gateway starts', () => {
  test('an empty database is refused with the names of what it lacks, and left empty', async () => {
    const database = await openEmpty();
    await expect(requireMigrated(database)).rejects.toThrow(
      new OperatorError(`The database lacks ${names.join(', ')}: run \`migrate\` first.`),
    );
    expect(await readTables(database)).toEqual([]);
  });

  test('a migrated database is accepted', async () => {
    await expect(requireMigrated(await openMigrated())).resolves.toBeUndefined();
  });
});
