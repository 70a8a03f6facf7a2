import { describe, expect, test } from 'vitest';
import { makeShop, postGraphQL, postTicket, startGateway } from './helpers/gateway.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);
const other = await makeShop(gateway.database);

const createTicket = /* GraphQL */ `
  mutation ($input: CreateTicketInput!) {
    createTicket(input: $input) {
      ... on CreateTicketSuccess { ticket { id } }
      ... on Error { code }
      ... on InvalidInputError { fields { path code } }
    }
  }
`;

const v1Names: Readonly<Record<string, string>> = {
  channel: 'Channel',
  contactReason: 'contact_reason',
  assignedTo: 'assigned_to',
  unreadChatCount: 'unReadChatCount',
  languageCode: 'language_code',
};

interface Verdict {
  readonly ticket?: { readonly id: string };
  readonly code?: string;
  readonly fields?: readonly { readonly path: readonly string[]; readonly code: string }[];
}

/** What the GraphQL door made of an input: a row, or the code and the bad fields. */
async function throughGraphQL(input: object): Promise<unknown> {
  const { body } = await postGraphQL(gateway, shop.key, createTicket, { input });
  const { ticket, code, fields } = (body as { data: { createTicket: Verdict } }).data.createTicket;
  if (ticket) return rowOf(ticket.id);
  return { code, fields: fields?.map((field) => [field.path[0], field.code]) };
}

/** The same of the REST door, with the fields' names turned back. */
async function throughRest(input: object): Promise<unknown> {
  const v1Body = Object.fromEntries(
    Object.entries(input).map(([name, value]) => [v1Names[name] ?? name, value]),
  );
  const { body } = await postTicket(gateway, shop.key, v1Body);
  const { ticket, code, details } = body as Verdict & { details?: { field: string; code: string }[] };
  if (ticket) return rowOf(ticket.id);
  const inputName = (v1Name: string) =>
    Object.keys(v1Names).find((name) => v1Names[name] === v1Name) ?? v1Name;
  return { code, fields: details?.map((detail) => [inputName(detail.field), detail.code]) };
}

// All of the row but what differs between any two tickets.
async function rowOf(id: string) {
  const { date, lastMessageTime, createdAt, humanTicket, ...row } =
    await gateway.database.prisma.ticket.findUniqueOrThrow({
      where: { id: BigInt(id) },
      include: { humanTicket: true },
    });
  const isDefault = (instant: Date) => instant.getTime() === createdAt.getTime();
  return {
    ...row,
    id: undefined,
    date: isDefault(date) ? 'now' : date,
    lastMessageTime: isDefault(lastMessageTime) ? 'now' : lastMessageTime,
    humanTicket: humanTicket?.status,
  };
}

const minimal = { customerId: shop.customerId, channel: 'Mail' };

describe('both doors come to the same verdict and the same row', () => {
  test.each<[string, object]>([
    ['the least that is needed', minimal],
    [
      'every field',
      {
        ...minimal,
        name: 'Refund request',
        threadId: 'thread-001',
        emailUsed: 'support@example.com',
        date: '2026-01-02T03:04:05Z',
        lastMessage: 'Hello',
        lastMessageTime: '2026-01-02T03:04:05+02:00',
        contactReason: 'refund',
        assignedTo: shop.agentId,
        isOpenedTicket: true,
        unreadChatCount: 3,
        tags: ['b', 'a', 'a'],
        languageCode: 'pt-BR',
        via: 'api',
      },
    ],
    ['nulls', { ...minimal, name: null, assignedTo: null, isOpenedTicket: null, tags: null, date: null }],
    ['empty texts and an empty list', { ...minimal, name: '', via: '', tags: [] }],
    ['a date without a zone', { ...minimal, date: '2026-01-02T03:04:05', lastMessageTime: '2026-01-02' }],
    ['an impossible date', { ...minimal, date: '2026-02-30' }],
    ['an empty date', { ...minimal, lastMessageTime: '' }],
    ['a blank channel', { ...minimal, channel: ' \t' }],
    ['a channel of 64 emoji', { ...minimal, channel: '😀'.repeat(64) }],
    ['a channel of 65 emoji', { ...minimal, channel: '😀'.repeat(65) }],
    ['a NUL in a tag', { ...minimal, tags: ['a', 'b\0'] }],
    ['half a surrogate pair', { ...minimal, lastMessage: 'x\udc00' }],
    ['101 tags', { ...minimal, tags: Array(101).fill('x') }],
    ['a long tag', { ...minimal, tags: ['x'.repeat(256)] }],
    ['a long message', { ...minimal, lastMessage: 'x'.repeat(65_537) }],
    ['a customer number of 0', { ...minimal, customerId: 0 }],
    ['a negative count', { ...minimal, unreadChatCount: -1 }],
    ['several bad fields', { customerId: -1, channel: '', date: 'x', tags: ['\0'], via: 'x'.repeat(256) }],
    ['a customer that does not exist', { ...minimal, customerId: 2_000_000_000 }],
    ["another shop's customer", { ...minimal, customerId: other.customerId }],
    ["another shop's agent", { ...minimal, assignedTo: other.agentId }],
    ['neither customer nor agent', { ...minimal, customerId: other.customerId, assignedTo: other.agentId }],
    ['bad input for a customer that does not exist', { customerId: 2_000_000_000, channel: '' }],
  ])('%s', async (_, input) => {
    expect(await throughRest(input)).toEqual(await throughGraphQL(input));
  });
});

describe('what the types of GraphQL refuse by themselves, REST refuses with the same status', () => {
  test.each<[string, object]>([
    ['no customer', { channel: 'Mail' }],
    ['no channel', { customerId: shop.customerId }],
    ['a customer number beyond 32 bits', { ...minimal, customerId: 2_147_483_648 }],
    ['a fraction', { ...minimal, assignedTo: 12.5 }],
    ['a number for a text', { ...minimal, name: 5 }],
    ['a tag that is no text', { ...minimal, tags: [5] }],
    ['a null tag', { ...minimal, tags: [null] }],
    ['a date that is a number', { ...minimal, date: 5 }],
  ])('%s', async (_, input) => {
    const v1Body = Object.fromEntries(
      Object.entries(input).map(([name, value]) => [v1Names[name] ?? name, value]),
    );
    const answers = await Promise.all([
      postGraphQL(gateway, shop.key, createTicket, { input }),
      postTicket(gateway, shop.key, v1Body),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([400, 400]);
  });
});
