import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { embeddedDatabase } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { openPostgres } from '../../src/db/postgres.ts';
import { DATABASE_PASSWORD } from './planted-secrets.ts';

/** Where the tests of a run find a migrated, empty database to copy: much cheaper than to make one. */
export type Template =
  | { readonly engine: 'PGlite'; readonly archive: string }
  | { readonly engine: 'PostgreSQL'; readonly serverUrl: string; readonly database: string };

declare module 'vitest' {
  export interface ProvidedContext {
    template: Template;
  }
}

/** The URL of another database on the same server. */
export function urlOfDatabase(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** Runs one statement on a server's database, on a connection of its own. */
export async function runOnServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function makeArchive(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'ticket-gateway-'));
  const pglite = await PGlite.create();
  await migrate(embeddedDatabase(pglite));
  const archive = join(folder, 'template.tar');
  await writeFile(archive, Buffer.from(await (await pglite.dumpDataDir('none')).arrayBuffer()));
  await pglite.close();
  project.provide('template', { engine: 'PGlite', archive });
  return () => rm(folder, { recursive: true });
}

// A server that lets everybody in does not look at the password, which is to be missed in the logs.
function withPassword(serverUrl: string): string {
  const url = new URL(serverUrl);
  url.password ||= DATABASE_PASSWORD;
  return url.href;
}

async function makeTemplateDatabase(serverUrl: string, project: TestProject): Promise<() => Promise<void>> {
  const name = `ticket_gateway_template_${randomUUID().replaceAll('-', '')}`;
  await runOnServer(serverUrl, `CREATE DATABASE ${name}`);
  const database = await openPostgres(urlOfDatabase(serverUrl, name), 1, 60_000);
  await migrate(database);
  await database.close();
  project.provide('template', { engine: 'PostgreSQL', serverUrl, database: name });
  return () => runOnServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
}

/** Runs once before all tests: on PostgreSQL when TEST_DATABASE_URL names a server, else on PGlite. */
export default function setup(project: TestProject): Promise<() => Promise<void>> {
  const serverUrl = process.env.TEST_DATABASE_URL;
  return serverUrl ? makeTemplateDatabase(withPassword(serverUrl), project) : makeArchive(project);
}
