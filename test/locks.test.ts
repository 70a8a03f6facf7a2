import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { openPostgres } from '../src/db/postgres.ts';
import { PostgresCluster } from './faults/postgres-cluster.ts';
import { Workbench } from './faults/workbench.ts';
import { eventually } from './helpers/eventually.ts';
import { createTestGateway, makeShop, postTicket, type TestShop } from './helpers/gateway.ts';

// The default, with which a lock is waited for less long than PostgreSQL takes to see a deadlock.
const DEADLINE_MS = 5_000;

// PGlite has one connection, which cannot wait for another.
const bench = new Workbench();
let cluster: PostgresCluster;
let database: Database;
beforeAll(async () => {
  cluster = await PostgresCluster.make(bench);
  await cluster.query('GRANT ALL ON SCHEMA public TO gateway');
  database = await openPostgres(cluster.url, 10, DEADLINE_MS);
  await migrate(database);
});
afterAll(async () => {
  await database?.close();
  await bench.clear();
});

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
