import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../src/db/migrate.ts';
import { OperatorError } from '../src/operator-error.ts';
import { eventually } from './helpers/eventually.ts';
import { createTestGateway, makeShop, postTicket, type TestShop } from './helpers/gateway.ts';
import { startOwnServer } from './helpers/own-server.ts';
import { startProcess } from './helpers/start-process.ts';

// The default, with which a lock is waited for less long than PostgreSQL takes to see a deadlock.
const DEADLINE_MS = 5_000;

// PGlite has one connection, which cannot wait for another.
const { cluster, database } = await startOwnServer(DEADLINE_MS);

test('a ticket and a transaction that wait for one another are both done', async () => {
  const gateway = await createTestGateway(database, { requestDeadline: DEADLINE_MS });
  const { key, customerId, agentId } = await makeShop(database);
  const other = await cluster.connect();
  await other.query('BEGIN');
  await other.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [agentId]);
  const body = { customerId, Channel: 'Mail', assigned_to: agentId };
  const asked = postTicket(gateway, key, body);
  const waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
  await eventually(async () => expect(await cluster.query(waiting)).toHaveLength(1));
  await other.query('SELECT 1 FROM customers WHERE id = $1 FOR UPDATE', [customerId]);
  await other.query('COMMIT');
  await other.end();
  expect(await asked).toMatchObject({ status: 201, body: { ticket: { assigned_to: agentId } } });
});

test('customers of several shops that somebody has locked keep nobody else waiting', async () => {
  const gateway = await createTestGateway(database, { requestDeadline: DEADLINE_MS });
  const [healthy, ...shops] = await Promise.all(Array.from({ length: 7 }, () => makeShop(database)));
  if (healthy === undefined) throw new Error('No shop was made');
  const create = ({ key, customerId }: TestShop) => postTicket(gateway, key, { customerId, Channel: 'Mail' });
  const other = await cluster.connect();
  await other.query('BEGIN');
  const customerIds = shops.map(({ customerId }) => customerId);
  await other.query('SELECT 1 FROM customers WHERE id = ANY ($1) FOR UPDATE', [customerIds]);
  let answered = 0;
  const locked = [...shops, ...shops, ...shops].map(async (shop) => {
    const { status } = await create(shop);
    answered += 1;
    return status;
  });
  for (let time = 0; time < 5; time += 1) expect(await create(healthy)).toMatchObject({ status: 201 });
  expect(answered).toBe(0);
  await other.query('ROLLBACK');
  await other.end();
  expect(await Promise.all(locked)).toEqual(Array(18).fill(201));
});

test('a customer that somebody has locked keeps no gateway from being ready, and a locked table does', async () => {
  const gateway = await createTestGateway(database, { requestDeadline: DEADLINE_MS });
  const { key, customerId } = await makeShop(database);
  const other = await cluster.connect();
  const attempt = async (lock: string) => {
    await other.query('BEGIN');
    await other.query(lock);
    const { status } = await postTicket(gateway, key, { customerId, Channel: 'Mail' });
    await other.query('ROLLBACK');
    return [status, (await gateway.send('/ready')).status];
  };
  expect(await attempt(`SELECT 1 FROM customers WHERE id = ${customerId} FOR UPDATE`)).toEqual([503, 200]);
  expect(await attempt('LOCK TABLE tickets IN ACCESS EXCLUSIVE MODE')).toEqual([503, 503]);
  await other.end();
});

test('keys that somebody has locked are used all the same', async () => {
  const gateway = await createTestGateway(database, { requestDeadline: DEADLINE_MS });
  const shops = await Promise.all(Array.from({ length: 40 }, () => makeShop(database)));
  const other = await cluster.connect();
  await other.query('BEGIN');
  await other.query('SELECT 1 FROM api_keys FOR UPDATE');
  const created = shops.map(({ key, customerId }) =>
    postTicket(gateway, key, { customerId, Channel: 'Mail' }),
  );
  expect((await Promise.all(created)).map(({ status }) => status)).toEqual(Array(40).fill(201));
  await other.end();
});

describe('a migration of a table that somebody uses', () => {
  const name = '20261122110000_rate_limits';
  let reader: pg.Client;
  beforeEach(async () => {
    await cluster.query('ALTER TABLE api_keys DROP COLUMN rate_limit, DROP COLUMN rate_limit_burst');
    await cluster.query('DELETE FROM _prisma_migrations WHERE migration_name = $1', [name]);
    reader = await cluster.connect();
    await reader.query('BEGIN');
    await reader.query('SELECT 1 FROM api_keys');
  });
  afterEach(() => reader.end());

  test('lets those go on who want it meanwhile, and is applied when it can be', async () => {
    const announced: string[] = [];
    const applied = migrate(database, { announce: (message) => announced.push(message) });
    const waiting = "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted";
    await eventually(async () => expect(await cluster.query(waiting)).toHaveLength(1));
    expect(await cluster.query('SELECT count(id) >= 0 AS "isRead" FROM api_keys')).toEqual([
      { isRead: true },
    ]);
    await reader.query('COMMIT');
    expect(await applied).toEqual([name]);
    expect(announced).toEqual([`The migration ${name} waits for a table that another transaction uses.`]);
  });

  test('fails in the end with the reason, and is applied the next time', async () => {
    const patience = { attempt: 20, pause: 1, attempts: 2 };
    await expect(migrate(database, { patience })).rejects.toThrow(
      new OperatorError(`The migration ${name} waits for a table that another transaction uses.`),
    );
    await reader.query('COMMIT');
    expect(await migrate(database)).toEqual([name]);
  });
});

test('who has nothing to apply needs no right to do so, and does not wait for others who do, but else says so', async () => {
  const other = await cluster.connect();
  await other.query('SELECT pg_advisory_lock(72707369)');
  await other.query('REVOKE CREATE ON SCHEMA public FROM gateway, pg_database_owner');
  expect(await migrate(database)).toEqual([]);
  await other.query('GRANT CREATE ON SCHEMA public TO gateway');
  const announced: string[] = [];
  const name = '20261124000000_qualified_sequence';
  await cluster.query('DELETE FROM _prisma_migrations WHERE migration_name = $1', [name]);
  const applied = migrate(database, { announce: (message) => announced.push(message) });
  await eventually(() =>
    expect(announced).toEqual(['Another process applies migrations: waiting until it is done.']),
  );
  await other.end();
  expect(await applied).toEqual([name]);
});

test('a command that meets a locked table says so in one line', async () => {
  const other = await cluster.connect();
  await other.query('BEGIN');
  await other.query('LOCK TABLE shops');
  const settings = { DATABASE_URL: cluster.url, REQUEST_DEADLINE: '1' };
  expect(await startProcess(['shops', 'list'], settings).finished).toEqual({
    exitCode: 1,
    stdout: '',
    stderr:
      'The database cannot be used: Database error. Code: `55P03`. Message: `canceling statement due to lock timeout`\n',
  });
  await other.end();
});
