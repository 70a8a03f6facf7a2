import { Command } from 'commander';
import { readConfig } from '../config.ts';
import { openDatabase } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { announce, type JsonOption, jsonOption, print } from './output.ts';

/** `migrate`: brings the database's tables up to date. */
export const migrateCommand = new Command('migrate')
  .description("apply the pending migrations to the database's tables")
  .option(...jsonOption)
  .action(async (options: JsonOption) => {
    const database = await openDatabase(readConfig(process.env), announce);
    try {
      const applied = await migrate(database, { announce });
      print(options, { applied }, () =>
        applied.length === 0 ? ['The tables are up to date.'] : applied.map((name) => `Applied ${name}`),
      );
    } finally {
      await database.close();
    }
  });
