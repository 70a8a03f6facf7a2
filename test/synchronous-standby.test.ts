import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { openPostgres } from '../src/db/postgres.ts';
import { PostgresCluster } from './faults/postgres-cluster.ts';
import { Workbench } from './faults/workbench.ts';
import { eventually } from './helpers/eventually.ts';
import { createTestGateway, makeShop, postTicket } from './helpers/gateway.ts';

const requestDeadline = 1_000;

// PGlite has no standby.
const bench = new Workbench();
let cluster: PostgresCluster;
let database: Database;
beforeAll(async () => {
  cluster = await PostgresCluster.make(bench);
  await cluster.query('GRANT ALL ON SCHEMA public TO gateway');
  database = await openPostgres(cluster.url, 10, requestDeadline);
  await migrate(database);
});
afterAll(async () => {
  await database?.close();
  await bench.clear();
});

async function requireStandby(names: string) {
  await cluster.query(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`);
  await cluster.query('SELECT pg_reload_conf()');
}

test('a ticket that no standby has yet is acknowledged to nobody, however often it is repeated, until one has it', async () => {
  const gateway = await createTestGateway(database, {
    requestDeadline,
    rateLimit: { rate: 2, capacity: 2 },
    clock: () => 0,
  });
  const { key, customerId } = await makeShop(database);
  const create = async (idempotencyKey: string) => {
    const answer = await postTicket(gateway, key, { customerId, Channel: 'Mail' }, idempotencyKey);
    const { code } = answer.body as { code?: string };
    return { status: answer.status, code, replayed: answer.headers.get('idempotent-replayed') };
  };
  const unavailable = { status: 503, code: 'UNAVAILABLE', replayed: null };
  await requireStandby('nobody');
  expect(await create('one')).toEqual(unavailable);
  expect(await create('one')).toEqual(unavailable);
  const keys = () => cluster.query('SELECT idempotency_key AS key FROM tickets');
  // Its wait was cancelled.
  await eventually(async () => expect(await keys()).toEqual([{ key: 'one' }]));
  // Past the rate limit, for nobody knows of either whether it made a ticket.
  expect(await create('one')).toEqual(unavailable);
  await requireStandby('');
  expect(await create('one')).toEqual({ status: 201, code: undefined, replayed: 'true' });
  expect(await keys()).toEqual([{ key: 'one' }]);
});
