import { beforeEach, describe, expect, test } from 'vitest';
import { makeShop, postGraphQL, startGateway, type TestShop } from './helpers/gateway.ts';

const gateway = await startGateway();
let shop: TestShop;

beforeEach(async () => {
  shop = await makeShop(gateway.database);
});

const createTicket = /* GraphQL */ `
  mutation CreateTicket($input: CreateTicketInput!) {
    createTicket(input: $input) {
      __typename
      ... on CreateTicketSuccess {
        ticket {
          id customerId channel name threadId emailUsed date lastMessage lastMessageTime contactReason
          assignedTo isOpenedTicket unreadChatCount tags languageCode via createdAt
          shop { id domain name }
          customer { id email phoneNumber firstName lastName createdAt }
          assignee { id email firstName lastName }
          humanTicket { id status openedAt closedAt }
        }
      }
      ... on Error { code message }
      ... on InvalidInputError { fields { path code message } }
    }
  }
`;

const ticketById = /* GraphQL */ `
  query Ticket($id: BigInt!) { ticket(id: $id) { id channel humanTicket { status } } }
`;

const create = (input: object) => postGraphQL(gateway, shop.key, createTicket, { input });
const outcomeOf = (body: unknown) =>
  (body as { data: { createTicket: Record<string, unknown> } }).data.createTicket;

test('createTicket answers with the whole ticket, its shop, customer, assignee and human ticket', async () => {
  const answer = await create({
    customerId: shop.customerId,
    channel: 'Mail',
    name: 'Refund request',
    threadId: 'thread-001',
    emailUsed: 'support@example.com',
    date: '2026-01-02T03:04:05Z',
    lastMessage: 'Hello, I need a refund.',
    lastMessageTime: '2026-01-02T03:04:06.7+01:00',
    contactReason: 'refund',
    assignedTo: shop.agentId,
    isOpenedTicket: true,
    unreadChatCount: 1,
    tags: ['refund', 'vip'],
    languageCode: 'en',
    via: 'api',
  });
  const { id, createdAt, customer } = outcomeOf(answer.body).ticket as {
    id: string;
    createdAt: string;
    customer: { createdAt: string };
  };
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    data: {
      createTicket: {
        __typename: 'CreateTicketSuccess',
        ticket: {
          id,
          customerId: shop.customerId,
          channel: 'Mail',
          name: 'Refund request',
          threadId: 'thread-001',
          emailUsed: 'support@example.com',
          date: '2026-01-02T03:04:05.000Z',
          lastMessage: 'Hello, I need a refund.',
          lastMessageTime: '2026-01-02T02:04:06.700Z',
          contactReason: 'refund',
          assignedTo: shop.agentId,
          isOpenedTicket: true,
          unreadChatCount: 1,
          tags: ['refund', 'vip'],
          languageCode: 'en',
          via: 'api',
          createdAt,
          shop: { id: shop.id, domain: shop.domain, name: expect.stringMatching(/^Shop \d+$/) },
          customer: {
            id: shop.customerId,
            email: `customer@${shop.domain}`,
            phoneNumber: null,
            firstName: 'Ada',
            lastName: null,
            createdAt: customer.createdAt,
          },
          assignee: { id: shop.agentId, email: `agent@${shop.domain}`, firstName: 'Grace', lastName: null },
          humanTicket: {
            id: expect.stringMatching(/^\d+$/),
            status: 'OPEN',
            openedAt: createdAt,
            closedAt: null,
          },
        },
      },
    },
  });
  expect(await postGraphQL(gateway, shop.key, ticketById, { id })).toMatchObject({
    status: 200,
    body: { data: { ticket: { id, channel: 'Mail', humanTicket: { status: 'OPEN' } } } },
  });
});

test('customerId and channel alone make a ticket with the documented defaults', async () => {
  const answer = await create({ customerId: shop.customerId, channel: 'Mail' });
  const ticket = outcomeOf(answer.body).ticket as Record<string, unknown>;
  expect(ticket).toMatchObject({
    name: null,
    threadId: null,
    emailUsed: null,
    date: ticket.createdAt,
    lastMessage: null,
    lastMessageTime: ticket.createdAt,
    contactReason: null,
    assignedTo: null,
    isOpenedTicket: false,
    unreadChatCount: 0,
    tags: [],
    languageCode: null,
    via: null,
    assignee: null,
    humanTicket: null,
  });
});

describe('expected failures are data', () => {
  test('every bad field at once, by its path in the input', async () => {
    const answer = await create({
      customerId: 0,
      channel: ' ',
      date: 'x',
      tags: ['', 'a\0'],
      unreadChatCount: -1,
    });
    expect(answer.status).toBe(200);
    const fields = [
      { path: ['customerId'], code: 'OUT_OF_RANGE', message: 'customerId must be from 1 to 2147483647' },
      { path: ['channel'], code: 'REQUIRED', message: 'channel is required' },
      { path: ['date'], code: 'INVALID_DATE', message: 'date must be an ISO 8601 date that exists' },
      {
        path: ['unreadChatCount'],
        code: 'OUT_OF_RANGE',
        message: 'unreadChatCount must be from 0 to 2147483647',
      },
      {
        path: ['tags', '1'],
        code: 'INVALID_TEXT',
        message: 'tags.1 must not contain NUL or an unpaired surrogate',
      },
    ];
    expect(answer.body).toEqual({
      data: {
        createTicket: {
          __typename: 'InvalidInputError',
          code: 'INVALID_INPUT',
          message: fields.map(({ message }) => message).join('; '),
          fields,
        },
      },
    });
  });

  test('a customer that the shop does not have', async () => {
    const answer = await create({ customerId: 2_147_483_647, channel: 'Mail' });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      data: {
        createTicket: {
          __typename: 'CustomerNotFoundError',
          code: 'CUSTOMER_NOT_FOUND',
          message: 'Customer not found',
        },
      },
    });
  });

  test('an assignee that the shop does not have', async () => {
    const input = { customerId: shop.customerId, channel: 'Mail', assignedTo: 2_147_483_647 };
    const answer = await create(input);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      data: {
        createTicket: {
          __typename: 'AssigneeNotFoundError',
          code: 'ASSIGNEE_NOT_FOUND',
          message: 'Assignee not found',
        },
      },
    });
  });
});

describe('what is not an outcome of createTicket is a top-level error with its code and status', () => {
  const error = (code: string, message: string, rest: object = {}) => ({
    errors: [{ message, ...rest, extensions: { code, requestId: 'test' } }],
  });

  test('a key without tickets:write cannot create', async () => {
    const reader = await makeShop(gateway.database, ['tickets:read']);
    const input = { customerId: reader.customerId, channel: 'Mail' };
    const answer = await postGraphQL(gateway, reader.key, createTicket, { input });
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({
      ...error('FORBIDDEN', 'The API key lacks the scope tickets:write', {
        locations: [{ line: 3, column: 5 }],
        path: ['createTicket'],
      }),
      data: null,
    });
  });

  test('a key without tickets:read cannot read a ticket', async () => {
    const writer = await makeShop(gateway.database, ['tickets:write']);
    const answer = await postGraphQL(gateway, writer.key, '{ ticket(id: 1) { id } }');
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({
      ...error('FORBIDDEN', 'The API key lacks the scope tickets:read', {
        locations: [{ line: 1, column: 3 }],
        path: ['ticket'],
      }),
      data: { ticket: null },
    });
  });

  test('a document with a syntax error', async () => {
    const answer = await postGraphQL(gateway, shop.key, '{ shop {');
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(
      error('GRAPHQL_PARSE_FAILED', 'Syntax Error: Expected Name, found <EOF>.', {
        locations: [{ line: 1, column: 9 }],
      }),
    );
  });

  test('a document that does not fit the schema', async () => {
    const answer = await postGraphQL(gateway, shop.key, '{ shop { secret } }');
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(
      error('GRAPHQL_VALIDATION_FAILED', 'Cannot query field "secret" on type "Shop".', {
        locations: [{ line: 1, column: 10 }],
      }),
    );
  });

  test('a variable that does not fit the operation', async () => {
    const answer = await create({ customerId: 'x', channel: 'Mail' });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(
      error(
        'BAD_USER_INPUT',
        'Variable "$input" got invalid value "x" at "input.customerId"; Int cannot represent non-integer value: "x"',
        { locations: [{ line: 2, column: 25 }] },
      ),
    );
  });

  test('an argument that is given null at run time', async () => {
    const query = 'query ($id: BigInt = 1) { ticket(id: $id) { id } }';
    const answer = await postGraphQL(gateway, shop.key, query, { id: null as unknown as string });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT', requestId: 'test' } }],
    });
  });

  test.each([
    ['no query', {}],
    ['a query that is no string', { query: 5 }],
    ['variables that are no object', { query: '{ shop { id } }', variables: 'x' }],
    ['an unknown parameter', { query: '{ shop { id } }', more: 1 }],
    ['an operation name that the document lacks', { query: '{ shop { id } }', operationName: 'Other' }],
    ['an operation name that is no string', { query: '{ shop { id } }', operationName: { a: 1 } }],
  ])('parameters with %s', async (_, parameters) => {
    const answer = await gateway.send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': shop.key, 'x-request-id': 'test' },
      body: JSON.stringify(parameters),
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT', requestId: 'test' } }],
    });
  });
});

test('a client that accepts only application/json gets 200 for faults of its document, as GraphQL over HTTP has it', async () => {
  const ask = (accept: string) =>
    gateway.send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': shop.key, accept },
      body: JSON.stringify({ query: '{ nope }' }),
    });
  const answers = await Promise.all(
    ['application/json', 'application/graphql-response+json', '*/*', 'text/plain'].map(ask),
  );
  expect(answers.map(({ status, headers }) => [status, headers.get('content-type')])).toEqual([
    [200, 'application/json; charset=utf-8'],
    [400, 'application/graphql-response+json; charset=utf-8'],
    [400, 'application/graphql-response+json; charset=utf-8'],
    [400, 'application/graphql-response+json; charset=utf-8'],
  ]);
});

test('the fields of an answer stand in the order in which they were asked for', async () => {
  const answer = await postGraphQL(
    gateway,
    shop.key,
    '{ ticket(id: 1) { id } shop { name domain id } __typename }',
  );
  const { name } = (answer.body as { data: { shop: { name: string } } }).data.shop;
  const expected = { ticket: null, shop: { name, domain: shop.domain, id: shop.id }, __typename: 'Query' };
  expect(JSON.stringify(answer.body)).toBe(JSON.stringify({ data: expected }));
});

test('an outcome that is data has its code in the log all the same', async () => {
  gateway.log.length = 0;
  await create({ customerId: 2_147_483_647, channel: 'Mail' });
  expect(gateway.log).toMatchObject([{ msg: 'request', status: 200, code: 'CUSTOMER_NOT_FOUND' }]);
});

test('a literal that does not fit is refused with its place', async () => {
  const query = `mutation { createTicket(input: { customerId: 1, channel: "x", date: 5 }) { __typename } }`;
  const answer = await postGraphQL(gateway, shop.key, query);
  expect(answer).toMatchObject({
    status: 400,
    body: { errors: [{ locations: [{ line: 1, column: query.indexOf('5') + 1 }] }] },
  });
});

test('shop tells who the credential acts for', async () => {
  const answer = await postGraphQL(gateway, shop.key, '{ shop { id domain name } }');
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    data: { shop: { id: shop.id, domain: shop.domain, name: expect.stringMatching(/^Shop \d+$/) } },
  });
});

test('GET serves queries, with variables in the query string', async () => {
  const parameters = new URLSearchParams({
    query: 'query ($id: BigInt!) { ticket(id: $id) { id } }',
    variables: '{"id":"1"}',
  });
  const answer = await gateway.send(`/graphql?${parameters}`, { headers: { 'x-api-key': shop.key } });
  expect(answer).toMatchObject({ status: 200, body: { data: { ticket: null } } });
});

test('GET does not serve mutations', async () => {
  const query = `mutation { createTicket(input: { customerId: ${shop.customerId}, channel: "x" }) { __typename } }`;
  const answer = await gateway.send(`/graphql?${new URLSearchParams({ query })}`, {
    headers: { 'x-api-key': shop.key },
  });
  expect(answer).toMatchObject({
    status: 405,
    body: { errors: [{ extensions: { code: 'METHOD_NOT_ALLOWED' } }] },
  });
  expect(answer.headers.get('allow')).toBe('POST');
  expect(await gateway.database.prisma.ticket.count({ where: { shopId: shop.id } })).toBe(0);
});

test('a list of operations is refused, and none of them is run', async () => {
  const query = `mutation { createTicket(input: { customerId: ${shop.customerId}, channel: "x" }) { __typename } }`;
  const answer = await gateway.send('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': shop.key, 'x-request-id': 'test' },
    body: JSON.stringify([{ query }, { query }]),
  });
  expect(answer.status).toBe(400);
  expect(answer.body).toEqual({
    errors: [
      {
        message: 'The body must be a JSON object in UTF-8',
        extensions: { code: 'INVALID_JSON', requestId: 'test' },
      },
    ],
  });
  expect(await gateway.database.prisma.ticket.count({ where: { shopId: shop.id } })).toBe(0);
});

test('GET with variables that are no JSON is the client’s fault', async () => {
  const answer = await gateway.send('/graphql?query=%7Bshop%7Bid%7D%7D&variables=x', {
    headers: { 'x-api-key': shop.key },
  });
  expect(answer).toMatchObject({
    status: 400,
    body: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
  });
});

test('GraphiQL is shown to a browser without a key, and loads nothing from another host', async () => {
  const answer = await gateway.send('/graphql', { headers: { accept: 'text/html,application/xhtml+xml' } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const page = String(answer.body);
  expect(page).toContain('GraphiQL');
  expect(page.match(/<(script|link|img)[^>]+(src|href)="https?:/g)).toBeNull();
});

test('introspection needs a key like every operation', async () => {
  const answer = await gateway.send('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'test' },
    body: JSON.stringify({ query: '{ __schema { queryType { name } } }' }),
  });
  expect(answer.status).toBe(401);
  expect(answer.body).toEqual({
    errors: [{ message: 'Missing API key', extensions: { code: 'MISSING_API_KEY', requestId: 'test' } }],
  });
});
