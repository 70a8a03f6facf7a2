import { beforeEach, describe, expect, test } from 'vitest';
import {
  makeShop,
  plainRow,
  postGraphQL,
  postTicket,
  startGateway,
  type TestShop,
} from './helpers/gateway.ts';

const gateway = await startGateway();
let shop: TestShop;

beforeEach(async () => {
  shop = await makeShop(gateway.database);
});

const createTicket = /* GraphQL */ `
  mutation ($input: CreateTicketInput!) {
    createTicket(input: $input) {
      __typename
      ... on CreateTicketSuccess { replayed ticket { id name humanTicket { id } } }
      ... on Error { code message }
      ... on InvalidInputError { fields { path code message } }
      ... on IdempotencyConflictError { ticketId }
    }
  }
`;

interface Created {
  readonly ticket: { readonly id: string };
}

async function throughGraphQL(input: object, key = shop.key) {
  const answer = await postGraphQL(gateway, key, createTicket, { input });
  expect(answer.status).toBe(200);
  return (answer.body as { data: { createTicket: Created & Record<string, unknown> } }).data.createTicket;
}

const throughRest = (idempotencyKey: string, body: object, key = shop.key) =>
  postTicket(gateway, key, body, idempotencyKey);

const idOf = (body: unknown) => (body as Created).ticket.id;
const countTickets = () => gateway.database.prisma.ticket.count({ where: { shopId: shop.id } });
const countHumanTickets = () =>
  gateway.database.prisma.humanTicket.count({ where: { ticket: { shopId: shop.id } } });

test('a request repeated through REST gets the same status and body, and the header that says so', async () => {
  const body = { customerId: shop.customerId, Channel: 'Mail', isOpenedTicket: true };
  const first = await throughRest('order-17', body);
  const second = await throughRest('order-17', body);
  expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([201, null]);
  expect([second.status, second.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
  expect(second.body).toEqual(first.body);
  expect([await countTickets(), await countHumanTickets()]).toEqual([1, 1]);
});

test('a request repeated through GraphQL gets the same ticket, replayed', async () => {
  const input = {
    customerId: shop.customerId,
    channel: 'Mail',
    name: 'Refund request',
    isOpenedTicket: true,
    idempotencyKey: 'order-17',
  };
  const first = await throughGraphQL(input);
  const second = await throughGraphQL(input);
  expect(first).toMatchObject({ __typename: 'CreateTicketSuccess', replayed: false });
  expect(second).toEqual({ ...first, replayed: true });
  expect([await countTickets(), await countHumanTickets()]).toEqual([1, 1]);
});

test('a retry through the other door counts as the same, however its values are spelt', async () => {
  const first = await throughRest('"order-17"', {
    customerId: String(shop.customerId),
    Channel: 'Mail',
    date: '2026-01-02T03:04:05',
    name: null,
    isOpenedTicket: 'true',
    unknown: 1,
  });
  const second = await throughGraphQL({
    customerId: shop.customerId,
    channel: 'Mail',
    date: '2026-01-02T04:04:05+01:00',
    isOpenedTicket: true,
    tags: [],
    idempotencyKey: 'order-17',
  });
  expect(second).toMatchObject({ replayed: true, ticket: { id: idOf(first.body) } });
});

test('what an earlier version has stored with a key still fits the same request', async () => {
  const { prisma } = gateway.database;
  const [shopId, customerId, assignedTo] = [shop.id, 1_234_567, 7_654_321];
  await prisma.customer.create({ data: { shopId, id: customerId } });
  await prisma.user.create({ data: { shopId, id: assignedTo, email: 'agent@example.com' } });
  const little = { customerId, Channel: 'Mail' };
  const everything = {
    ...little,
    name: 'Refund request',
    threadId: 'thread-1',
    emailUsed: 'ana@example.com',
    date: '2026-01-02T03:04:05.006Z',
    lastMessage: 'Where is my refund?',
    lastMessageTime: '2026-01-02T03:04:05.006Z',
    contact_reason: 'refund',
    assigned_to: assignedTo,
    isOpenedTicket: true,
    unReadChatCount: 3,
    tags: ['refund', 'vip'],
    language_code: 'en',
    via: 'import',
  };
  const stored = [
    ['little', little, 'b851bd73a4b176431a9171235191c08f1dbafbe3a17a790703867dfa5bebc6fe'],
    ['everything', everything, 'b3301d28be835bc85632010e219bbc42f4d10449d32dba4d1833b6f9f0913b94'],
  ] as const;
  for (const [idempotencyKey, body, requestHash] of stored) {
    const row = { ...plainRow, shopId, customerId, idempotencyKey, requestHash };
    const { id } = await prisma.ticket.create({ data: row });
    const { status, headers, body: shown } = await throughRest(idempotencyKey, body);
    expect([status, headers.get('idempotent-replayed'), idOf(shown)]).toEqual([201, 'true', String(id)]);
  }
});

test('the same key with other input is refused on both doors, naming the ticket that has it', async () => {
  const first = await throughGraphQL({ customerId: shop.customerId, channel: 'Mail', idempotencyKey: 'k' });
  const message = `The idempotency key was used with other input, for ticket ${idOf(first)}`;
  const rest = await throughRest('k', { customerId: shop.customerId, Channel: 'Website' });
  expect(rest.status).toBe(422);
  expect(rest.body).toEqual({
    error: message,
    code: 'IDEMPOTENCY_CONFLICT',
    ticketId: idOf(first),
    requestId: 'test',
  });
  expect(await throughGraphQL({ customerId: shop.customerId, channel: 'Chat', idempotencyKey: 'k' })).toEqual(
    {
      __typename: 'IdempotencyConflictError',
      code: 'IDEMPOTENCY_CONFLICT',
      message,
      ticketId: idOf(first),
    },
  );
  expect(await countTickets()).toBe(1);
});

test('a request that failed does not use its key up', async () => {
  const key = 'order-17';
  expect(await throughRest(key, { customerId: shop.customerId })).toMatchObject({ status: 400 });
  expect(await throughRest(key, { customerId: 2_000_000_000, Channel: 'Mail' })).toMatchObject({
    status: 404,
  });
  const answer = await throughRest(key, { customerId: shop.customerId, Channel: 'Mail' });
  expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([201, null]);
});

test('each shop has a key space of its own, and none learns of another’s', async () => {
  const other = await makeShop(gateway.database);
  const mine = await throughRest('k', { customerId: shop.customerId, Channel: 'Mail' });
  const theirs = await throughRest('k', { customerId: other.customerId, Channel: 'Mail' }, other.key);
  expect([theirs.status, theirs.headers.get('idempotent-replayed')]).toEqual([201, null]);
  expect(idOf(theirs.body)).not.toBe(idOf(mine.body));
});

test('without a key, equal requests make tickets of their own', async () => {
  const input = { customerId: shop.customerId, channel: 'Mail' };
  await Promise.all([throughGraphQL(input), throughGraphQL(input)]);
  expect(await countTickets()).toBe(2);
});

test('a hundred concurrent requests with one key make one row, and all get that ticket', async () => {
  const body = { customerId: shop.customerId, Channel: 'Mail', isOpenedTicket: true };
  const input = {
    customerId: shop.customerId,
    channel: 'Mail',
    isOpenedTicket: true,
    idempotencyKey: 'rush',
  };
  const ids = await Promise.all(
    Array.from({ length: 100 }, async (_, index) =>
      idOf(index % 2 === 0 ? (await throughRest('rush', body)).body : await throughGraphQL(input)),
    ),
  );
  expect(new Set(ids).size).toBe(1);
  expect([await countTickets(), await countHumanTickets()]).toEqual([1, 1]);
});

test('of requests with one key and other input that come at once, one makes a ticket and the others are told of it', async () => {
  const body = { customerId: shop.customerId, Channel: 'Mail' };
  const names = ['first', 'second', 'third', 'fourth'];
  const answers = await Promise.all(names.map((name) => throughRest('contended', { ...body, name })));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 422, 422, 422]);
  expect(await countTickets()).toBe(1);
});

describe('a key that is no key is 400 and names where it was sent', () => {
  const rule = 'must have 1 to 255 printable ASCII characters';

  test.each([
    ['', 'INVALID_TEXT'],
    ['""', 'INVALID_TEXT'],
    ['sch\u00f6n', 'INVALID_TEXT'],
    ['x'.repeat(256), 'TOO_LONG'],
  ])('the header %j', async (key, code) => {
    const answer = await throughRest(key, { customerId: shop.customerId, Channel: 'Mail' });
    const message = `Idempotency-Key ${rule}`;
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      error: message,
      code: 'INVALID_INPUT',
      details: [{ field: 'Idempotency-Key', code, message }],
      requestId: 'test',
    });
  });

  test.each([
    ['', 'INVALID_TEXT'],
    ['a\nb', 'INVALID_TEXT'],
    ['x'.repeat(256), 'TOO_LONG'],
  ])('the input %j', async (idempotencyKey, code) => {
    const outcome = await throughGraphQL({ customerId: shop.customerId, channel: 'Mail', idempotencyKey });
    const message = `idempotencyKey ${rule}`;
    expect(outcome).toEqual({
      __typename: 'InvalidInputError',
      code: 'INVALID_INPUT',
      message,
      fields: [{ path: ['idempotencyKey'], code, message }],
    });
  });
});

test('a quoted key may hold quotes and backslashes, escaped; a key of 255 characters is taken', async () => {
  const input = { customerId: shop.customerId, channel: 'Mail' };
  const body = { customerId: shop.customerId, Channel: 'Mail' };
  const first = await throughGraphQL({ ...input, idempotencyKey: 'a "b" \\c' });
  expect(idOf((await throughRest('"a \\"b\\" \\\\c"', body)).body)).toBe(idOf(first));
  expect(await throughRest('x'.repeat(255), body)).toMatchObject({ status: 201 });
});
