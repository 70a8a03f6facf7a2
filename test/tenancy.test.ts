import { expect, test } from 'vitest';
import { makeShop, plainRow, postGraphQL, postTicket, startGateway } from './helpers/gateway.ts';

const gateway = await startGateway();
const mine = await makeShop(gateway.database);
const other = await makeShop(gateway.database);
const nobody = 2_000_000_000;

const createTicket =
  'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { __typename ... on Error { code message } } }';

test("another shop's customer is answered as one that does not exist, on both doors", async () => {
  const [theirs, none] = await Promise.all(
    [other.customerId, nobody].map((customerId) =>
      postTicket(gateway, mine.key, { customerId, Channel: 'Mail' }),
    ),
  );
  expect(theirs).toMatchObject({ status: 404, body: { error: 'Customer not found' } });
  expect(none?.body).toEqual(theirs?.body);
  const [theirsInGraphQL, noneInGraphQL] = await Promise.all(
    [other.customerId, nobody].map((customerId) =>
      postGraphQL(gateway, mine.key, createTicket, { input: { customerId, channel: 'Mail' } }),
    ),
  );
  expect(theirsInGraphQL?.body).toMatchObject({ data: { createTicket: { code: 'CUSTOMER_NOT_FOUND' } } });
  expect(noneInGraphQL?.body).toEqual(theirsInGraphQL?.body);
});

test("another shop's agent is answered as one that does not exist, on both doors", async () => {
  const { customerId } = mine;
  const [theirs, none] = await Promise.all(
    [other.agentId, nobody].map((assigned_to) =>
      postTicket(gateway, mine.key, { customerId, Channel: 'Mail', assigned_to }),
    ),
  );
  expect(theirs).toMatchObject({ status: 404, body: { error: 'Assignee not found' } });
  expect(none?.body).toEqual(theirs?.body);
  const [theirsInGraphQL, noneInGraphQL] = await Promise.all(
    [other.agentId, nobody].map((assignedTo) =>
      postGraphQL(gateway, mine.key, createTicket, { input: { customerId, channel: 'Mail', assignedTo } }),
    ),
  );
  expect(theirsInGraphQL?.body).toMatchObject({ data: { createTicket: { code: 'ASSIGNEE_NOT_FOUND' } } });
  expect(noneInGraphQL?.body).toEqual(theirsInGraphQL?.body);
});

test("another shop's ticket reads as null, as one that does not exist", async () => {
  const created = await postTicket(gateway, other.key, { customerId: other.customerId, Channel: 'Mail' });
  const { id } = (created.body as { ticket: { id: string } }).ticket;
  const query = 'query ($id: BigInt!) { ticket(id: $id) { id } }';
  const read = async (key: string) => (await postGraphQL(gateway, key, query, { id })).body;
  expect(await read(mine.key)).toEqual({ data: { ticket: null } });
  expect(await read(other.key)).toEqual({ data: { ticket: { id } } });
});

test('a shop in the body is ignored: the ticket goes to the shop of the key', async () => {
  const body = {
    customerId: mine.customerId,
    Channel: 'Mail',
    shopId: other.id,
    shop_id: other.id,
    shopDomain: other.domain,
  };
  const answer = await postTicket(gateway, mine.key, body);
  expect(answer).toMatchObject({ status: 201, body: { ticket: { shopDomain: mine.domain } } });
});

test('the database itself refuses a ticket across shops, whatever the code does', async () => {
  const ticket = (customerId: number, assignedTo: number | null) =>
    gateway.database.prisma.ticket.create({
      data: {
        shopId: mine.id,
        customerId,
        assignedTo,
        ...plainRow,
      },
    });
  await expect(ticket(other.customerId, null)).rejects.toMatchObject({ code: 'P2003' });
  await expect(ticket(mine.customerId, other.agentId)).rejects.toMatchObject({ code: 'P2003' });
});

// The deletion comes between the look-up and the foreign key's check, as that of another connection would.
const deleteMeanwhile = (deletion: string) => `
  CREATE FUNCTION delete_meanwhile() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN ${deletion}; RETURN NEW; END $$;
  CREATE TRIGGER delete_meanwhile BEFORE INSERT ON tickets FOR EACH ROW EXECUTE FUNCTION delete_meanwhile();`;
const stopDeleting = 'DROP TRIGGER delete_meanwhile ON tickets; DROP FUNCTION delete_meanwhile()';

const deleteShop = ['api_keys', 'customers', 'users']
  .map((table) => `DELETE FROM ${table} WHERE shop_id = NEW.shop_id`)
  .concat('DELETE FROM shops WHERE id = NEW.shop_id')
  .join(';\n');

test.each([
  ['customers', 'Customer not found', 'DELETE FROM customers WHERE id = NEW.customer_id'],
  ['users', 'Assignee not found', 'DELETE FROM users WHERE id = NEW.assigned_to'],
  ['shops', 'Shop not found', deleteShop],
])(
  'of the %s, one that disappears meanwhile is a 404 and leaves nothing behind',
  async (_, error, deletion) => {
    const { key, customerId, agentId, id } = await makeShop(gateway.database);
    await gateway.database.withSession((session) => session.execute(deleteMeanwhile(deletion)));
    const body = { customerId, Channel: 'Mail', assigned_to: agentId, isOpenedTicket: true };
    const answer = await postTicket(gateway, key, body);
    await gateway.database.withSession((session) => session.execute(stopDeleting));
    expect(answer).toMatchObject({ status: 404, body: { error } });
    expect(await gateway.database.prisma.ticket.count({ where: { shopId: id } })).toBe(0);
    expect(await postTicket(gateway, key, body)).toMatchObject({ status: 201 });
  },
);

test('a shop that is deleted while its key is remembered is not found', async () => {
  const { key, id } = await makeShop(gateway.database);
  const ask = () => postGraphQL(gateway, key, '{ shop { id } }');
  expect((await ask()).body).toEqual({ data: { shop: { id } } });
  const { prisma } = gateway.database;
  const where = { shopId: id };
  await prisma.$transaction([
    prisma.apiKey.deleteMany({ where }),
    prisma.customer.deleteMany({ where }),
    prisma.user.deleteMany({ where }),
    prisma.shop.delete({ where: { id } }),
  ]);
  const answer = await ask();
  expect(answer.status).toBe(404);
  expect(answer.body).toEqual({
    data: null,
    errors: [
      {
        message: 'Shop not found',
        path: ['shop'],
        locations: [{ line: 1, column: 3 }],
        extensions: { code: 'SHOP_NOT_FOUND', requestId: 'test' },
      },
    ],
  });
});
