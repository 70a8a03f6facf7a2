import { expect } from 'vitest';
import type { Scope } from '../../src/auth/scopes.ts';
import type { Door as OpenDoor } from '../../src/http/door.ts';
import { type KeyName, keyScopes, type ModelShop, type ModelTicket } from './three-shops.ts';

type Door = OpenDoor['name'];

/** A request to create a ticket, through one of the doors. */
export interface Creation {
  readonly kind: 'creation';
  readonly key: KeyName;
  readonly door: Door;
  readonly customerId: number;
  readonly assignedTo: number | null;
  readonly isOpenedTicket: boolean;
  readonly idempotencyKey: string | null;
}

/** A request to read tickets, all in one document. */
export interface Reading {
  readonly kind: 'reading';
  readonly key: KeyName;
  readonly ticketIds: readonly string[];
}

/** An answer, as far as the model tells it: all but the headers that every answer has. */
interface ExpectedAnswer {
  readonly status: number;
  /** Whether the header Idempotent-Replayed says so. */
  readonly replayed: boolean;
  readonly body: unknown;
}

/** What a request comes to. */
export interface Expectation {
  readonly answer: ExpectedAnswer;
  /** The ticket that is there from then on; its id is the database's to make. */
  readonly newTicket?: Omit<ModelTicket, 'id'>;
}

/** The instant that every ticket is sent with. */
export const DATE = '2026-01-02T03:04:05.678Z';

/** What is asked of every ticket at the GraphQL door. */
export const ticketFields =
  'id customerId assignedTo isOpenedTicket channel date ' +
  'shop { id domain } customer { id email } assignee { id email } humanTicket { status }';

const madeByTheDatabase: unknown = expect.stringMatching(/^\d{17,19}$/);

type Shown = Omit<ModelTicket, 'id'> & { readonly id: unknown };

const idAndEmail = ({ id, email }: ModelTicket['customer']) => ({ id, email });

const inGraphQL = ({ id, domain }: ModelShop, ticket: Shown) => ({
  id: ticket.id,
  customerId: ticket.customer.id,
  assignedTo: ticket.assignee?.id ?? null,
  isOpenedTicket: ticket.isOpenedTicket,
  channel: 'Mail',
  date: DATE,
  shop: { id, domain },
  customer: idAndEmail(ticket.customer),
  assignee: ticket.assignee && idAndEmail(ticket.assignee),
  humanTicket: ticket.isOpenedTicket ? { status: 'OPEN' } : null,
});

const inV1 = ({ domain }: ModelShop, ticket: Shown) => ({
  id: ticket.id,
  customerID: ticket.customer.id,
  Channel: 'Mail',
  name: null,
  threadId: null,
  emailUsed: null,
  lastMessage: null,
  contact_reason: null,
  assigned_to: ticket.assignee?.id ?? null,
  isOpenedTicket: ticket.isOpenedTicket,
  tags: [],
  language_code: null,
  via: null,
  unReadChatCount: 0,
  date: DATE,
  lastMessageTime: DATE,
  shopDomain: domain,
});

const answered = (status: number, body: unknown, replayed = false): ExpectedAnswer => ({
  status,
  body,
  replayed,
});

const v1Error = (status: number, code: string, error: string, more: object = {}) =>
  answered(status, { error, code, ...more, requestId: 'test' });

const graphqlError = (code: string, message: string, more: object = {}) => ({
  message,
  ...more,
  extensions: { code, requestId: 'test' },
});

/** What a key gets whatever it is used for, once it was revoked or its shop closed. */
function refusalOfKey(shop: ModelShop, key: KeyName, door: Door): ExpectedAnswer | undefined {
  const isRevoked = shop.revokedKeys.has(key);
  if (!isRevoked && !shop.isClosed) return undefined;
  const [status, code, message] = isRevoked
    ? ([401, 'INVALID_API_KEY', 'Unauthorized - Invalid API key'] as const)
    : ([404, 'SHOP_NOT_FOUND', 'Shop not found'] as const);
  if (door === 'rest') return v1Error(status, code, message);
  return answered(status, { errors: [graphqlError(code, message)] });
}

const may = (key: KeyName, scope: Scope): boolean => keyScopes[key].some((own) => own === scope);

const forbidden = (scope: Scope, field: string, line: number) =>
  graphqlError('FORBIDDEN', `The API key lacks the scope ${scope}`, {
    locations: [{ line, column: 3 }],
    path: [field],
  });

// What REST has as a status, GraphQL has as data.
const failures = {
  CUSTOMER_NOT_FOUND: [404, 'Customer not found', 'CustomerNotFoundError'],
  ASSIGNEE_NOT_FOUND: [404, 'Assignee not found', 'AssigneeNotFoundError'],
  IDEMPOTENCY_CONFLICT: [
    422,
    'The idempotency key was used with other input, for ticket',
    'IdempotencyConflictError',
  ],
} as const;

function failed(door: Door, code: keyof typeof failures, ticketId?: string): Expectation {
  const [status, text, __typename] = failures[code];
  const more = ticketId === undefined ? {} : { ticketId };
  const message = [text, ...Object.values(more)].join(' ');
  if (door === 'rest') return { answer: v1Error(status, code, message, more) };
  return { answer: answered(200, { data: { createTicket: { __typename, code, message, ...more } } }) };
}

function succeeded(shop: ModelShop, door: Door, ticket: Shown, replayed: boolean): ExpectedAnswer {
  if (door === 'rest') return answered(201, { success: true, ticket: inV1(shop, ticket) }, replayed);
  const createTicket = { __typename: 'CreateTicketSuccess', replayed, ticket: inGraphQL(shop, ticket) };
  return answered(200, { data: { createTicket } });
}

const isRepeated = (ticket: ModelTicket, creation: Creation): boolean =>
  ticket.customer.id === creation.customerId &&
  (ticket.assignee?.id ?? null) === creation.assignedTo &&
  ticket.isOpenedTicket === creation.isOpenedTicket;

/** What a shop's creation comes to. It is told from this shop alone: the others do not matter. */
export function expectedOfCreation(shop: ModelShop, creation: Creation): Expectation {
  const { key, door, customerId, assignedTo, isOpenedTicket, idempotencyKey } = creation;
  const refusal = refusalOfKey(shop, key, door);
  if (refusal) return { answer: refusal };
  if (!may(key, 'tickets:write')) {
    const error = forbidden('tickets:write', 'createTicket', 2);
    if (door === 'rest') return { answer: v1Error(403, 'FORBIDDEN', error.message) };
    return { answer: answered(403, { errors: [error], data: null }) };
  }
  const prior = shop.tickets.find((ticket) => ticket.idempotencyKey === idempotencyKey);
  if (prior && idempotencyKey !== null) {
    if (!isRepeated(prior, creation)) return failed(door, 'IDEMPOTENCY_CONFLICT', prior.id);
    return { answer: succeeded(shop, door, prior, true) };
  }
  const customer = shop.customers.find(({ id }) => id === customerId);
  if (!customer) return failed(door, 'CUSTOMER_NOT_FOUND');
  const assignee = shop.agents.find(({ id }) => id === assignedTo) ?? null;
  if (assignedTo !== null && !assignee) return failed(door, 'ASSIGNEE_NOT_FOUND');
  const newTicket = { customer, assignee, isOpenedTicket, idempotencyKey };
  return { answer: succeeded(shop, door, { ...newTicket, id: madeByTheDatabase }, false), newTicket };
}

/** What a shop's reading comes to. It is told from this shop alone: the others do not matter. */
export function expectedOfReading(shop: ModelShop, { key, ticketIds }: Reading): Expectation {
  const refusal = refusalOfKey(shop, key, 'graphql');
  if (refusal) return { answer: refusal };
  const aliases = ticketIds.map((_, index) => `ticket${index}`);
  if (!may(key, 'tickets:read')) {
    const errors = aliases.map((alias, index) => forbidden('tickets:read', alias, index + 2));
    return {
      answer: answered(403, { errors, data: Object.fromEntries(aliases.map((alias) => [alias, null])) }),
    };
  }
  const found = ticketIds.map((wanted) => shop.tickets.find(({ id }) => id === wanted));
  const data = found.map((ticket, index) => [aliases[index], ticket ? inGraphQL(shop, ticket) : null]);
  return { answer: answered(200, { data: Object.fromEntries(data) }) };
}
