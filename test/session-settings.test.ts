import { randomUUID } from 'node:crypto';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createApiKey } from '../src/auth/api-keys.ts';
import type { Database } from '../src/db/database.ts';
import { openPostgres } from '../src/db/postgres.ts';
import { createGateway } from '../src/gateway.ts';
import { createLogger } from '../src/log.ts';
import { listen } from '../src/server.ts';
import { openTestDatabase } from './helpers/database.ts';
import { eventually } from './helpers/eventually.ts';
import { makeShop, unlimited } from './helpers/gateway.ts';
import { runOnServer, urlOfDatabase } from './helpers/template.ts';

/** A database that is set to what Prisma does not expect; PGlite cannot be set so from outside. */
async function openOddDatabase(): Promise<Database> {
  const template = inject('template');
  if (template.engine === 'PGlite') {
    const database = await openTestDatabase();
    onTestFinished(() => database.close());
    return database;
  }
  const name = `ticket_gateway_test_${randomUUID().replaceAll('-', '')}`;
  const { serverUrl } = template;
  await runOnServer(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template.database}`);
  for (const setting of [
    "datestyle = 'SQL, DMY'",
    "timezone = 'Asia/Kolkata'",
    'search_path = other, public',
    'synchronous_commit = off',
    'idle_session_timeout = 60000',
  ]) {
    await runOnServer(serverUrl, `ALTER DATABASE ${name} SET ${setting}`);
  }
  await runOnServer(
    urlOfDatabase(serverUrl, name),
    'CREATE SCHEMA other; CREATE TABLE other.tickets (id INTEGER)',
  );
  const database = await openPostgres(urlOfDatabase(serverUrl, name), 2, 60_000);
  onTestFinished(async () => {
    await database.close();
    await runOnServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
  });
  return database;
}

test('whatever the database is set to, dates are exact, expired keys are refused and tickets go to their table', async () => {
  const database = await openOddDatabase();
  const shop = await makeShop(database);
  const logger = createLogger({ level: 'silent', format: 'json', destination: 2 });
  const server = await listen(createGateway(database, logger, unlimited), 0, '127.0.0.1');
  onTestFinished(() => server.drain(1000));
  const post = async (key: string) => {
    const date = '2026-01-02T03:04:05.678Z';
    const response = await fetch(`${server.url}/api/v1/tickets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify({ customerId: shop.customerId, Channel: 'Mail', date, lastMessageTime: date }),
    });
    return { status: response.status, body: await response.json() };
  };
  const created = await post(shop.key);
  expect(created).toMatchObject({
    status: 201,
    body: { ticket: { date: '2026-01-02T03:04:05.678Z', lastMessageTime: '2026-01-02T03:04:05.678Z' } },
  });
  const row = await database.prisma.ticket.findUniqueOrThrow({
    where: { id: BigInt(created.body.ticket.id) },
  });
  expect(row.date.toISOString()).toBe('2026-01-02T03:04:05.678Z');
  const expired = await createApiKey(database.prisma, {
    shop: shop.domain,
    name: 'Expired',
    scopes: ['tickets:write'],
    expiresAt: new Date(Date.now() - 1000),
  });
  expect(await post(expired.key)).toMatchObject({ status: 401 });
});

test('whatever the database is set to, a ticket that is acknowledged lasts, and an idle connection is not ended', async () => {
  const database = await openOddDatabase();
  const text = `SELECT current_setting('synchronous_commit') AS commit, current_setting('idle_session_timeout') AS idle`;
  expect(await database.sql.query({ name: '', text }, [])).toEqual([{ commit: 'on', idle: '0' }]);
});

test('how a ticket is committed follows no change of the server’s settings', async () => {
  const { engine, serverUrl } = inject('template') as { engine: string; serverUrl: string };
  // PGlite has no server.
  if (engine === 'PGlite') return;
  const database = await openPostgres(serverUrl, 1, 60_000);
  onTestFinished(() => database.close());
  const text = "SELECT setting, source FROM pg_settings WHERE name = 'synchronous_commit'";
  expect(await database.sql.query({ name: '', text }, [])).toEqual([{ setting: 'on', source: 'session' }]);
  const pooled = openPostgres(serverUrl, 1, 60_000, { transactionPooling: true });
  await expect(pooled).rejects.toThrow("\n  ALTER ROLE CURRENT_USER SET synchronous_commit = 'on';\n");
});

test('a statement that is given up is cancelled, also when the server’s own time-out does not end it', async () => {
  const { engine, serverUrl } = inject('template') as { engine: string; serverUrl: string };
  // PGlite's statements have no time-out.
  if (engine === 'PGlite') return;
  const database = await openPostgres(serverUrl, 1, 1_000);
  onTestFinished(() => database.close());
  const mark = randomUUID();
  await database.sql.query({ name: '', text: "SELECT set_config('statement_timeout', '0', false)" }, []);
  const sleep = database.sql.query({ name: '', text: `SELECT pg_sleep(60) /* ${mark} */` }, []);
  await expect(sleep).rejects.toThrow('Query read timeout');
  const text = `SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%${mark}%' AND pid <> pg_backend_pid()`;
  await eventually(async () => expect(await database.sql.query({ name: '', text }, [])).toEqual([]), {
    timeout: 10_000,
  });
});

test('however long a request may wait, a statement has four seconds, of which a lock has a third', async () => {
  const { engine, serverUrl } = inject('template') as { engine: string; serverUrl: string };
  // PGlite's statements have no time-out.
  if (engine === 'PGlite') return;
  const text = `SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock`;
  for (const [deadline, expected] of [
    [2_000, { statement: '1s', lock: '333ms' }],
    [600_000, { statement: '4s', lock: '1333ms' }],
  ] as const) {
    const database = await openPostgres(serverUrl, 1, deadline);
    onTestFinished(() => database.close());
    expect(await database.sql.query({ name: '', text }, [])).toEqual([expected]);
  }
});
