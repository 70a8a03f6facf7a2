import { type Config, readConfig } from '../config.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { migrate, requireMigrated } from '../db/migrate.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { announce } from './output.ts';

/** Opens the configured database with its tables up to date: brought there, or with AUTO_MIGRATE off, only checked. */
export async function openMigratedDatabase(config: Config, tracing?: Tracing): Promise<Database> {
  const database = await openDatabase(config, announce, tracing);
  try {
    if (config.autoMigrate) await migrate(database);
    else await requireMigrated(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Does a command's work on the configured database, and closes it whatever comes. */
export async function withDatabase<Result>(work: (database: Database) => Promise<Result>): Promise<Result> {
  const database = await openMigratedDatabase(readConfig(process.env));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
