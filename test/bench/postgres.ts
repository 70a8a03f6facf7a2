import { readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { PostgresCluster } from '../faults/postgres-cluster.ts';
import type { Workbench } from '../faults/workbench.ts';
import { fill } from './dataset.ts';
import type { BenchOptions } from './options.ts';

/** Starts a PostgreSQL server with its default settings but those given, and fills the database of all peers. */
export async function makePostgres(
  bench: Workbench,
  { setting, tickets }: BenchOptions,
): Promise<PostgresCluster> {
  const cluster = await PostgresCluster.make(bench, { settings: setting });
  const database = await openDatabase(readConfig({ DATABASE_URL: cluster.url }), () => {});
  await migrate(database);
  await database.close();
  await fill((statement) => cluster.query(statement), tickets);
  return cluster;
}
