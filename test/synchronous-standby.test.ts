import { expect, test } from 'vitest';
import { eventually } from './helpers/eventually.ts';
import { createTestGateway, makeShop, postTicket } from './helpers/gateway.ts';
import { startOwnServer } from './helpers/own-server.ts';

const requestDeadline = 1_000;

// PGlite has no standby.
const { cluster, database } = await startOwnServer(requestDeadline);

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
