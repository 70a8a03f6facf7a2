import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { inject } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { embeddedDatabase } from '../../src/db/embedded.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import type { Tracing } from '../../src/telemetry/tracing.ts';
import { runOnServer, urlOfDatabase } from './template.ts';

/** A database of the test's own, migrated and empty; `close` also removes it. */
export async function openTestDatabase(tracing?: Tracing): Promise<Database> {
  const template = inject('template');
  if (template.engine === 'PGlite') {
    const pglite = await PGlite.create({ loadDataDir: await openAsBlob(template.archive) });
    return embeddedDatabase(pglite, { tracing });
  }
  const { serverUrl } = template;
  const name = `ticket_gateway_test_${randomUUID().replaceAll('-', '')}`;
  await runOnServer(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template.database}`);
  const database = await openPostgres(urlOfDatabase(serverUrl, name), 10, 60_000, { tracing });
  return {
    ...database,
    async close() {
      await database.close();
      await runOnServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
