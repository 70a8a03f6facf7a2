import { afterAll } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import { PostgresCluster } from '../faults/postgres-cluster.ts';
import { Workbench } from '../faults/workbench.ts';

/** A PostgreSQL server that a file's tests may do anything to, with a migrated database, open as a gateway has it. */
interface OwnServer {
  readonly cluster: PostgresCluster;
  readonly database: Database;
}

/** Starts one, whichever engine the suite runs on; it ends after the last test of the file. */
export async function startOwnServer(requestDeadline: number): Promise<OwnServer> {
  const bench = new Workbench();
  afterAll(() => bench.clear());
  const cluster = await PostgresCluster.make(bench);
  await cluster.query('GRANT ALL ON SCHEMA public TO gateway');
  const database = await openPostgres(cluster.url, 10, requestDeadline);
  afterAll(() => database.close());
  await migrate(database);
  return { cluster, database };
}
