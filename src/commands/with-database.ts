import { type Config, readConfig } from '../config.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { migrate, requireMigrated } from '../db/migrate.ts';
import { isOutage } from '../db/outage.ts';
import { OperatorError, reasonOf } from '../operator-error.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { announce } from './output.ts';

/** Opens the configured database with its tables up to date: brought there, or with AUTO_MIGRATE off, only checked. */
export async function openMigratedDatabase(config: Config, tracing?: Tracing): Promise<Database> {
  const database = await openDatabase(config, announce, tracing);
  try {
    if (config.autoMigrate) await migrate(database, { announce });
    else await requireMigrated(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

// Prisma puts the reason behind the place in the code where it came up.
const lastLineOf = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

/**
 * Does a command's work on the configured database, and closes it whatever comes. Fails with an OperatorError when the
 * database cannot serve at the moment, as when somebody has locked a table.
 */
export async function withDatabase<Result>(work: (database: Database) => Promise<Result>): Promise<Result> {
  const database = await openMigratedDatabase(readConfig(process.env));
  try {
    return await work(database);
  } catch (error) {
    throw isOutage(error)
      ? new OperatorError(`The database cannot be used: ${lastLineOf(reasonOf(error))}`)
      : error;
  } finally {
    await database.close();
  }
}
