import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { makeShop, postGraphQL, postTicket, startGateway } from './helpers/gateway.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);

/** Counts the statements that reach the database meanwhile, on either engine. */
async function countStatements(work: () => Promise<void>): Promise<number> {
  const spies = [vi.spyOn(PGlite.prototype, 'query'), vi.spyOn(pg.Pool.prototype, 'query')];
  await work();
  const count = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  for (const spy of spies) spy.mockRestore();
  return count;
}

const relations = 'id shop { domain } customer { email } assignee { email } humanTicket { status }';

async function makeTickets(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const customer = await gateway.database.prisma.customer.create({ data: { shopId: shop.id } });
    const answer = await postTicket(gateway, shop.key, {
      customerId: customer.id,
      Channel: 'Mail',
      assigned_to: shop.agentId,
      isOpenedTicket: true,
    });
    ids.push((answer.body as { ticket: { id: string } }).ticket.id);
  }
  return ids;
}

test('ten tickets with four relations each are five statements, as two are', async () => {
  const ids = await makeTickets(10);
  const read = (some: readonly string[]) =>
    countStatements(async () => {
      const fields = some.map((id, index) => `t${index}: ticket(id: "${id}") { ${relations} }`);
      const answer = await postGraphQL(gateway, shop.key, `{ ${fields.join(' ')} }`);
      expect(Object.keys((answer.body as { data: object }).data)).toHaveLength(some.length);
    });
  await read(ids.slice(0, 1));
  expect([await read(ids.slice(0, 2)), await read(ids)]).toEqual([5, 5]);
});

test('a created ticket is one statement, and its relations are loaded only when they are asked for', async () => {
  const create = (fields: string) =>
    countStatements(async () => {
      const query = `mutation ($input: CreateTicketInput!) {
        createTicket(input: $input) { ... on CreateTicketSuccess { ticket { ${fields} } } }
      }`;
      const input = { customerId: shop.customerId, channel: 'Mail', isOpenedTicket: true };
      const answer = await postGraphQL(gateway, shop.key, query, { input });
      expect(answer).toMatchObject({ status: 200, body: { data: { createTicket: { ticket: {} } } } });
    });
  await create('id');
  expect(await create('id channel date tags')).toBe(1);
  expect(await create(relations)).toBe(6);
});

describe('what is deleted between two looks at it is 503, so that it is asked for again', () => {
  const { prisma, sql } = gateway.database;
  afterEach(() => {
    vi.restoreAllMocks();
  });
  const disturbed = (path: string[]) => ({
    data: expect.anything(),
    errors: [
      {
        message: 'Too many requests disturb each other',
        path,
        locations: expect.any(Array),
        extensions: { code: 'UNAVAILABLE', requestId: 'test' },
      },
    ],
  });

  test('a ticket that was just created', async () => {
    const { query } = sql;
    vi.spyOn(sql, 'query').mockImplementationOnce(async (statement, values) => {
      const rows = await query(statement, values);
      await prisma.ticket.deleteMany({ where: { shopId: shop.id, channel: 'Erased' } });
      return rows as never;
    });
    const document = `mutation ($input: CreateTicketInput!) {
      createTicket(input: $input) { ... on CreateTicketSuccess { ticket { customer { id } } } }
    }`;
    const input = { customerId: shop.customerId, channel: 'Erased' };
    const answer = await postGraphQL(gateway, shop.key, document, { input });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(answer.body).toEqual({ ...disturbed(['createTicket', 'ticket', 'customer']), data: null });
  });

  test('the customer of a ticket', async () => {
    const [id = ''] = await makeTickets(1);
    const ticket = await prisma.ticket.findUniqueOrThrow({ where: { id: BigInt(id) } });
    vi.spyOn(prisma.ticket, 'findUnique').mockResolvedValueOnce({ ...ticket, customer: null } as never);
    const answer = await postGraphQL(gateway, shop.key, `{ ticket(id: "${id}") { customer { id } } }`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(answer.body).toEqual({ ...disturbed(['ticket', 'customer']), data: { ticket: null } });
  });
});
