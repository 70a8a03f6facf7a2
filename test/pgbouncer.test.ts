import { readdir } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../src/db/database.ts';
import { migrate, requireMigrated } from '../src/db/migrate.ts';
import { openPostgres } from '../src/db/postgres.ts';
import { PostgresCluster } from './faults/postgres-cluster.ts';
import { Workbench } from './faults/workbench.ts';
import { eventually } from './helpers/eventually.ts';
import {
  createTestGateway,
  makeShop,
  postGraphQL,
  postTicket,
  type TestGateway,
  type TestShop,
} from './helpers/gateway.ts';
import { type OwnPgBouncer, preparePgBouncer } from './helpers/pgbouncer.ts';
import { runOnServer } from './helpers/template.ts';

// The server's connections are fewer than those of one gateway, and far fewer than the requests.
const SERVER_CONNECTIONS = 2;
const GATEWAY_CONNECTIONS = 10;
const DEADLINE_MS = 6_000;

const bench = new Workbench();
let cluster: PostgresCluster;
let bouncer: OwnPgBouncer;
let refusalOfRole: unknown;
let database: Database;
let migratedAtOnce: string[][];
let gateway: TestGateway;
let shop: TestShop;

const open = (transactionPooling: boolean) =>
  openPostgres(bouncer.url, GATEWAY_CONNECTIONS, DEADLINE_MS, { transactionPooling });

/** Leaves settings behind on every connection of the pool, as pg_dump does and any other client may. */
async function leakSettings(): Promise<void> {
  const clients = Array.from(
    { length: SERVER_CONNECTIONS },
    () => new pg.Client({ connectionString: bouncer.url }),
  );
  await Promise.all(clients.map((client) => client.connect()));
  await Promise.all(clients.map((client) => client.query('BEGIN')));
  await Promise.all(
    clients.map((client) =>
      client.query("SET search_path = ''; SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'"),
    ),
  );
  await Promise.all(clients.map((client) => client.query('COMMIT')));
  await Promise.all(clients.map((client) => client.end()));
}

/** Has both wait for the lock that Prisma's CLI holds for its session, so that they do meet. */
async function migrateTwiceAtOnce(): Promise<string[][]> {
  const direct = await cluster.connect();
  await direct.query('SELECT pg_advisory_lock(72707369)');
  const both = [migrate(database), migrate(database)];
  const waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
  await eventually(async () => expect((await direct.query(waiting)).rows).toHaveLength(2));
  await direct.end();
  return Promise.all(both);
}

// Set to all that Prisma does not expect, so that whatever is not the role's own shows.
beforeAll(async () => {
  cluster = await PostgresCluster.make(bench);
  for (const setting of [
    "datestyle = 'SQL, DMY'",
    "timezone = 'Asia/Kolkata'",
    'search_path = other, public',
    'synchronous_commit = off',
  ]) {
    await cluster.query(`ALTER DATABASE helpdesk SET ${setting}`);
  }
  await cluster.query('CREATE SCHEMA other CREATE TABLE tickets (id INTEGER)');
  await cluster.query('GRANT ALL ON SCHEMA public TO gateway');
  bouncer = await preparePgBouncer(bench, cluster, SERVER_CONNECTIONS);
  await bouncer.start();
  refusalOfRole = await open(true).catch(({ message }) => message);
  await runOnServer(bouncer.url, String(refusalOfRole).replace(/^.*\n/, ''));
  await bouncer.kill();
  await bouncer.start();
  database = await open(true);
  migratedAtOnce = await migrateTwiceAtOnce();
  shop = await makeShop(database);
  gateway = await createTestGateway(database, { requestDeadline: 12_000 });
}, 120_000);
afterAll(async () => {
  await database?.close();
  await bench.clear();
});

test('without the switch the gateway does not start on it, and says why', async () => {
  await expect(open(false)).rejects.toThrow(
    /^The database at DATABASE_URL cannot be used: unsupported startup parameter: statement_timeout/,
  );
});

test('a role without the settings that a session would have is refused, with the SQL that gives it them', () => {
  expect(refusalOfRole).toBe(
    [
      'The database at DATABASE_URL cannot be used: ' +
        'with DATABASE_TRANSACTION_POOLING its role needs settings, and the pooler new connections:',
      "  ALTER ROLE CURRENT_USER SET timezone = 'UTC';",
      "  ALTER ROLE CURRENT_USER SET datestyle = 'ISO';",
      "  ALTER ROLE CURRENT_USER SET synchronous_commit = 'on';",
      '  ALTER ROLE CURRENT_USER SET statement_timeout = 3000;',
      '  ALTER ROLE CURRENT_USER SET lock_timeout = 1000;',
    ].join('\n'),
  );
});

test('two gateways that migrate at once wait for Prisma’s lock, and then apply each migration once', async () => {
  const entries = await readdir('prisma/migrations', { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(migratedAtOnce.flat().sort()).toEqual(names.sort());
  await leakSettings();
  await expect(requireMigrated(database)).resolves.toBeUndefined();
  expect(await migrate(database)).toEqual([]);
});

const date = '2026-01-02T03:04:05.678Z';
const input = () => ({ customerId: shop.customerId, isOpenedTicket: true, date, lastMessageTime: date });
const throughRest = (key?: string) => postTicket(gateway, shop.key, { ...input(), Channel: 'Mail' }, key);
const createTicket = `mutation ($input: CreateTicketInput!) {
  createTicket(input: $input) {
    ... on CreateTicketSuccess { replayed ticket { id date humanTicket { status } } } ... on Error { code }
  }
}`;
const throughGraphQL = (idempotencyKey: string) =>
  postGraphQL(gateway, shop.key, createTicket, { input: { ...input(), channel: 'Mail', idempotencyKey } });

test('tickets are created, replayed and read through both doors, whatever others left on the connections', async () => {
  await leakSettings();
  const created = await throughRest('first');
  expect(created).toMatchObject({ status: 201, body: { ticket: { date, lastMessageTime: date } } });
  const { id } = (created.body as { ticket: { id: string } }).ticket;
  expect(await throughGraphQL('first')).toMatchObject({
    status: 200,
    body: {
      data: { createTicket: { replayed: true, ticket: { id, date, humanTicket: { status: 'OPEN' } } } },
    },
  });
  expect(await throughGraphQL('second')).toMatchObject({
    body: { data: { createTicket: { replayed: false, ticket: { date, humanTicket: { status: 'OPEN' } } } } },
  });
  const read = 'query ($id: BigInt!) { ticket(id: $id) { id date customer { firstName } } }';
  expect((await postGraphQL(gateway, shop.key, read, { id })).body).toEqual({
    data: { ticket: { id, date, customer: { firstName: 'Ada' } } },
  });
});

test('hundreds of requests over two connections are all answered, and one key makes one ticket', async () => {
  const before = await database.prisma.ticket.count();
  const answers = await Promise.all([
    ...Array.from({ length: 200 }, () => throughRest()),
    ...Array.from({ length: 50 }, () => throughRest('crowd')),
    ...Array.from({ length: 50 }, () => throughGraphQL('crowd')),
  ]);
  const statuses = answers.map(({ status }) => status);
  expect(statuses).toEqual([...Array(250).fill(201), ...Array(50).fill(200)]);
  expect((await database.prisma.ticket.count()) - before).toBe(201);
  const connections = "SELECT 1 FROM pg_stat_activity WHERE usename = 'gateway'";
  expect(await cluster.query(connections)).toHaveLength(SERVER_CONNECTIONS);
});

test('a customer that somebody has locked holds up his own tickets only', async () => {
  const other = await makeShop(database);
  const direct = await cluster.connect();
  onTestFinished(() => direct.end());
  await direct.query('BEGIN');
  await direct.query('SELECT 1 FROM customers WHERE id = $1 FOR UPDATE', [other.customerId]);
  const [held, free] = await Promise.all([
    postTicket(gateway, other.key, { customerId: other.customerId, Channel: 'Mail' }),
    throughRest(),
  ]);
  expect([held.status, free.status]).toEqual([503, 201]);
});

test.each([
  ['PgBouncer is killed', () => bouncer.kill(), () => bouncer.start()],
  ['PostgreSQL is stopped', () => cluster.stop(), () => cluster.start()],
])('while %s tickets are 503, and afterwards they are created again, once', async (name, stop, start) => {
  await stop();
  const refused = await throughRest(name);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  expect((await gateway.send('/health')).status).toBe(200);
  await start();
  await eventually(
    async () => {
      expect((await throughRest(name)).status).toBe(201);
    },
    { interval: 50 },
  );
  expect(await database.prisma.ticket.count({ where: { idempotencyKey: name } })).toBe(1);
});
