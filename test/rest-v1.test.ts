import { beforeEach, describe, expect, test } from 'vitest';
import { makeShop, postTicket, startGateway, type TestShop } from './helpers/gateway.ts';

const gateway = await startGateway();
let shop: TestShop;

beforeEach(async () => {
  shop = await makeShop(gateway.database);
});

const documentedBody = () => ({
  customerId: shop.customerId,
  Channel: 'Mail',
  name: 'Refund request',
  threadId: 'thread-001',
  emailUsed: 'support@example.com',
  lastMessage: 'Hello, I need a refund.',
  contact_reason: 'refund',
  assigned_to: shop.agentId,
  isOpenedTicket: true,
  unReadChatCount: 1,
  tags: ['refund', 'vip'],
  language_code: 'en',
  via: 'api',
});

/** What v1 shows of a ticket that was sent with customerId and Channel alone. */
const leastTicket = {
  Channel: 'Mail',
  name: null,
  threadId: null,
  emailUsed: null,
  lastMessage: null,
  contact_reason: null,
  assigned_to: null,
  isOpenedTicket: false,
  tags: [],
  language_code: null,
  via: null,
  unReadChatCount: 0,
};

interface ShownTicket {
  readonly id: string;
  readonly date: string;
  readonly lastMessageTime: string;
}

async function created(body: object) {
  const answer = await postTicket(gateway, shop.key, body);
  expect(answer).toMatchObject({ status: 201, body: { success: true } });
  return (answer.body as { ticket: ShownTicket & Record<string, unknown> }).ticket;
}

const readRow = (id: string) =>
  gateway.database.prisma.ticket.findUniqueOrThrow({
    where: { id: BigInt(id) },
    include: { humanTicket: true },
  });

const refused = (details: readonly { field: string; code: string; message: string }[]) => ({
  error: details[0]?.message,
  code: 'INVALID_INPUT',
  details,
  requestId: 'test',
});

test('the documented request gets the documented response, names and order included, and what its example leaves out', async () => {
  const answer = await postTicket(gateway, shop.key, {
    ...documentedBody(),
    date: '2026-01-02T03:04:05.678Z',
    lastMessageTime: '2026-01-02T04:00:00+01:00',
  });
  const { id } = (answer.body as { ticket: ShownTicket }).ticket;
  expect(answer.status).toBe(201);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(JSON.stringify(answer.body)).toBe(
    JSON.stringify({
      success: true,
      ticket: {
        id,
        customerID: shop.customerId,
        Channel: 'Mail',
        name: 'Refund request',
        threadId: 'thread-001',
        emailUsed: 'support@example.com',
        lastMessage: 'Hello, I need a refund.',
        contact_reason: 'refund',
        assigned_to: shop.agentId,
        isOpenedTicket: true,
        tags: ['refund', 'vip'],
        language_code: 'en',
        via: 'api',
        unReadChatCount: 1,
        date: '2026-01-02T03:04:05.678Z',
        lastMessageTime: '2026-01-02T03:00:00.000Z',
        shopDomain: shop.domain,
      },
    }),
  );
  expect(id).toMatch(/^\d{17,19}$/);
});

test('the row holds what was sent, and an opened ticket has its one open human ticket', async () => {
  const { id, date, lastMessageTime } = await created(documentedBody());
  const { createdAt, humanTicket, ...row } = await readRow(id);
  expect(row).toEqual({
    id: BigInt(id),
    shopId: shop.id,
    customerId: shop.customerId,
    channel: 'Mail',
    name: 'Refund request',
    threadId: 'thread-001',
    emailUsed: 'support@example.com',
    date: new Date(date),
    lastMessage: 'Hello, I need a refund.',
    lastMessageTime: new Date(lastMessageTime),
    contactReason: 'refund',
    assignedTo: shop.agentId,
    isOpenedTicket: true,
    unreadChatCount: 1,
    tags: ['refund', 'vip'],
    languageCode: 'en',
    via: 'api',
    idempotencyKey: null,
    requestHash: null,
  });
  expect(humanTicket).toEqual({
    id: expect.any(BigInt),
    ticketId: BigInt(id),
    status: 'OPEN',
    openedAt: createdAt,
    closedAt: null,
  });
});

test('customerId and Channel alone make a ticket; date and lastMessageTime are then the current time', async () => {
  const before = Date.now();
  const ticket = await created({ customerId: shop.customerId, Channel: 'Mail' });
  expect(ticket).toEqual({
    id: expect.any(String),
    customerID: shop.customerId,
    ...leastTicket,
    date: ticket.date,
    lastMessageTime: ticket.date,
    shopDomain: shop.domain,
  });
  // The database may stand on another machine, whose clock differs a little.
  expect(Math.abs(Date.parse(ticket.date) - before)).toBeLessThan(60_000);
  expect((await readRow(ticket.id)).humanTicket).toBeNull();
});

test('null is the same as absent, and unknown fields are ignored', async () => {
  const { id: _, ...ticket } = await created({
    ...Object.fromEntries(Object.keys(documentedBody()).map((name) => [name, null])),
    customerId: shop.customerId,
    Channel: 'Mail',
    date: '2026-01-01T00:00:00Z',
    lastMessageTime: '2026-01-01T00:00:00Z',
    shopDomain: 'another.example',
    customer: { id: 5 },
  });
  expect(ticket).toEqual({
    customerID: shop.customerId,
    ...leastTicket,
    date: '2026-01-01T00:00:00.000Z',
    lastMessageTime: '2026-01-01T00:00:00.000Z',
    shopDomain: shop.domain,
  });
});

test.each([
  [true, true],
  ['true', true],
  [false, false],
  ['false', false],
  ['TRUE', false],
  [1, false],
  ['1', false],
  ['yes', false],
  [{}, false],
  [[true], false],
])('isOpenedTicket %j opens a human ticket: %j', async (value, opened) => {
  const ticket = await created({ customerId: shop.customerId, Channel: 'Mail', isOpenedTicket: value });
  expect(ticket.isOpenedTicket).toBe(opened);
  expect((await readRow(ticket.id)).humanTicket !== null).toBe(opened);
});

test('integer fields take strings of digits', async () => {
  const ticket = await created({
    customerId: String(shop.customerId),
    Channel: 'Mail',
    assigned_to: `00${shop.agentId}`,
    unReadChatCount: '7',
  });
  expect(ticket).toMatchObject({
    customerID: shop.customerId,
    assigned_to: shop.agentId,
    unReadChatCount: 7,
  });
});

test.each([
  ['2026-02-28T12:00:00', '2026-02-28T12:00:00.000Z'],
  ['2026-02-28T12:00:00.5', '2026-02-28T12:00:00.500Z'],
  ['2026-02-28T12:00', '2026-02-28T12:00:00.000Z'],
  ['2026-02-28T12:00Z', '2026-02-28T12:00:00.000Z'],
  ['2026-02-28T12:00+02:00', '2026-02-28T10:00:00.000Z'],
  ['2026-02-28T12:00:01.5-0230', '2026-02-28T14:30:01.500Z'],
  ['2026-02-28', '2026-02-28T00:00:00.000Z'],
  ['2024-02-29T23:59:59-05:30', '2024-03-01T05:29:59.000Z'],
  ['2026-02-28T12:00:00.123456Z', '2026-02-28T12:00:00.123Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
])('the date %s is stored as %s', async (sent, stored) => {
  const body = { customerId: shop.customerId, Channel: 'Mail', date: sent, lastMessageTime: sent };
  const ticket = await created(body);
  expect([ticket.date, ticket.lastMessageTime]).toEqual([stored, stored]);
  const row = await readRow(ticket.id);
  expect([row.date.toISOString(), row.lastMessageTime.toISOString()]).toEqual([stored, stored]);
});

describe('400 names the field', () => {
  const integerRule = 'must be an integer';
  const dateRule = 'must be an ISO 8601 date that exists';
  const textRule = 'must not contain NUL or an unpaired surrogate';

  test.each([
    ['customerId', undefined, 'REQUIRED', 'is required'],
    ['customerId', null, 'REQUIRED', 'is required'],
    ['customerId', '', 'REQUIRED', 'is required'],
    ['Channel', undefined, 'REQUIRED', 'is required'],
    ['Channel', null, 'REQUIRED', 'is required'],
    ['Channel', '', 'REQUIRED', 'is required'],
    ['Channel', ' ', 'REQUIRED', 'is required'],
    ['Channel', 5, 'INVALID_TYPE', 'must be a string'],
    ['Channel', 'x'.repeat(65), 'TOO_LONG', 'must have at most 64 characters'],
    ['customerId', '12abc', 'INVALID_TYPE', integerRule],
    ['customerId', 12.5, 'INVALID_TYPE', integerRule],
    ['customerId', '1e3', 'INVALID_TYPE', integerRule],
    ['customerId', ' 1', 'INVALID_TYPE', integerRule],
    ['customerId', '-1', 'INVALID_TYPE', integerRule],
    ['customerId', true, 'INVALID_TYPE', integerRule],
    ['customerId', [1], 'INVALID_TYPE', integerRule],
    ['customerId', 0, 'OUT_OF_RANGE', 'must be from 1 to 2147483647'],
    ['customerId', 2_147_483_648, 'OUT_OF_RANGE', 'must be from 1 to 2147483647'],
    ['customerId', '9'.repeat(400), 'INVALID_TYPE', integerRule],
    ['assigned_to', '12abc', 'INVALID_TYPE', integerRule],
    ['assigned_to', 12.5, 'INVALID_TYPE', integerRule],
    ['assigned_to', -1, 'OUT_OF_RANGE', 'must be from 1 to 2147483647'],
    ['unReadChatCount', '1e3', 'INVALID_TYPE', integerRule],
    ['unReadChatCount', -1, 'OUT_OF_RANGE', 'must be from 0 to 2147483647'],
    ['date', 'yesterday', 'INVALID_DATE', dateRule],
    ['date', '2026-02-30T00:00:00Z', 'INVALID_DATE', dateRule],
    ['date', '2026-13-01', 'INVALID_DATE', dateRule],
    ['date', '0000-01-01T00:00:00Z', 'INVALID_DATE', dateRule],
    ['date', `2026-01-01T00:00:00.${'0'.repeat(44)}Z`, 'INVALID_DATE', dateRule],
    ['date', '0001-01-01T00:00:00+01:00', 'INVALID_DATE', dateRule],
    ['date', '', 'INVALID_DATE', dateRule],
    ['date', '2026-02-28T25:00Z', 'INVALID_DATE', dateRule],
    ['date', '2026-02-28T12:00:00+99:99', 'INVALID_DATE', dateRule],
    ['date', '2026-02-28T12', 'INVALID_DATE', dateRule],
    ['date', 'Sat, 28 Feb 2026 12:00:00 GMT', 'INVALID_DATE', dateRule],
    ['date', 1_767_225_600_000, 'INVALID_TYPE', 'must be an ISO 8601 date'],
    ['lastMessageTime', '2025-02-29', 'INVALID_DATE', dateRule],
    ['name', 'x'.repeat(999), 'TOO_LONG', 'must have at most 998 characters'],
    ['name', { text: 'x' }, 'INVALID_TYPE', 'must be a string'],
    ['name', 'a\0b', 'INVALID_TEXT', textRule],
    ['threadId', 'x'.repeat(999), 'TOO_LONG', 'must have at most 998 characters'],
    ['emailUsed', 'x'.repeat(321), 'TOO_LONG', 'must have at most 320 characters'],
    ['lastMessage', 'x'.repeat(65_537), 'TOO_LONG', 'must have at most 65536 characters'],
    ['lastMessage', '\ud83d', 'INVALID_TEXT', textRule],
    ['contact_reason', 'x'.repeat(256), 'TOO_LONG', 'must have at most 255 characters'],
    ['via', 'x'.repeat(256), 'TOO_LONG', 'must have at most 255 characters'],
    ['language_code', 'x'.repeat(36), 'TOO_LONG', 'must have at most 35 characters'],
    ['tags', 'refund', 'INVALID_TYPE', 'must be an array of strings'],
    ['tags', Array(101).fill('x'), 'TOO_LONG', 'must have at most 100 entries'],
  ])('%s: %j', async (field, value, code, rule) => {
    const answer = await postTicket(gateway, shop.key, { ...documentedBody(), [field]: value });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(refused([{ field, code, message: `${field} ${rule}` }]));
  });

  test.each([
    [5, 'INVALID_TYPE', 'must be a string'],
    [null, 'INVALID_TYPE', 'must be a string'],
    ['x'.repeat(256), 'TOO_LONG', 'must have at most 255 characters'],
    ['a\0', 'INVALID_TEXT', textRule],
  ])('a tag that is %j, and which one it is', async (tag, code, rule) => {
    const answer = await postTicket(gateway, shop.key, { ...documentedBody(), tags: ['fine', tag] });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(refused([{ field: 'tags', code, message: `tags[1] ${rule}` }]));
  });

  test('every bad field at once, in the documented order', async () => {
    const body = { via: 5, tags: {}, customerId: 'x', date: 'x' };
    const answer = await postTicket(gateway, shop.key, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(
      refused([
        { field: 'customerId', code: 'INVALID_TYPE', message: 'customerId must be an integer' },
        { field: 'Channel', code: 'REQUIRED', message: 'Channel is required' },
        { field: 'date', code: 'INVALID_DATE', message: `date ${dateRule}` },
        { field: 'tags', code: 'INVALID_TYPE', message: 'tags must be an array of strings' },
        { field: 'via', code: 'INVALID_TYPE', message: 'via must be a string' },
      ]),
    );
    expect(await gateway.database.prisma.ticket.count({ where: { shopId: shop.id } })).toBe(0);
  });
});

test('texts as long as allowed are kept whole, counted in characters and not in UTF-16 units', async () => {
  const body = {
    ...documentedBody(),
    Channel: '😀'.repeat(64),
    name: 'ß'.repeat(998),
    lastMessage: 'é'.repeat(65_536),
    tags: Array(100).fill('ß'.repeat(255)),
  };
  const { id } = await created(body);
  expect(await readRow(id)).toMatchObject({
    channel: body.Channel,
    name: body.name,
    lastMessage: body.lastMessage,
    tags: body.tags,
  });
});

test('quotes, backslashes, newlines and braces come back as they were sent', async () => {
  const text = `'; DROP TABLE tickets; -- "\\" {1,NULL} \n\t\u2028 \u{10ffff}`;
  const ticket = await created({
    ...documentedBody(),
    name: text,
    lastMessage: text,
    tags: [text, '', 'NULL'],
  });
  expect(ticket).toMatchObject({ name: text, lastMessage: text, tags: [text, '', 'NULL'] });
});
