import { setImmediate as nextTurn } from 'node:timers/promises';
import { getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { createDocumentCaches } from '../src/graphql/document-cache.ts';
import { makeShop, postGraphQL, postTicket, startGateway } from './helpers/gateway.ts';

const byDefault = await startGateway();
const shop = await makeShop(byDefault.database);
const strict = await startGateway({
  documentLimits: { characters: 500, tokens: 40, directives: 2, depth: 3, aliases: 2, cost: 15 },
});
const strictShop = await makeShop(strict.database);

const ask = (query: string) => postGraphQL(byDefault, shop.key, query);
const askStrictly = (query: string) => postGraphQL(strict, strictShop.key, query);
const refusal = (message: string, requestId = 'test') => ({
  errors: [{ message, extensions: { code: 'DOCUMENT_TOO_COMPLEX', requestId } }],
});
const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

const id = strictShop.id;
const shopById = '{ shop { id } }';
const createTicket = (selection: string) =>
  `mutation { createTicket(input: { customerId: ${strictShop.customerId}, channel: "x" }) { ${selection} } }`;

describe.each([
  ['500 characters', shopById.padEnd(500), { shop: { id } }, shopById.padEnd(501)],
  [
    '40 tokens',
    `{ ${'ticket(id: 1) { id } '.repeat(4)} __typename __typename }`,
    { ticket: null, __typename: 'Query' },
    `{ ${'ticket(id: 1) { id } '.repeat(4)} __typename __typename __typename }`,
  ],
  ['40 lines', `${'\n'.repeat(39)}${shopById}`, { shop: { id } }, `${'#\n'.repeat(40)}${shopById}`],
  ['40 lines', `${shopById}${'\r\n'.repeat(39)}`, { shop: { id } }, `${shopById}${'\r\n'.repeat(40)}`],
  [
    '2 directives',
    '{ shop @skip(if: false) { id @include(if: true) } }',
    { shop: { id } },
    'query ($unused: Int @a) { shop @skip(if: false) { id @include(if: true) } }',
  ],
  [
    '3 levels of fields',
    '{ ticket(id: 1) { customer { id } } }',
    { ticket: null },
    createTicket('... on CreateTicketSuccess { ticket { customer { id } } }'),
  ],
  ['2 aliases', '{ a: shop { b: id } }', { a: { b: id } }, '{ a: shop { b: id } c: __typename }'],
  [
    '15 points of cost',
    `{ shop { ${'id '.repeat(13)} } }`,
    { shop: { id } },
    `{ shop { ${'id '.repeat(14)} } }`,
  ],
])('a limit of %s', (limit, within, data, beyond) => {
  test('lets a document with as many pass', async () => {
    const answer = await askStrictly(within);
    expect([answer.status, answer.body]).toEqual([200, { data }]);
  });

  test('refuses a document with one more', async () => {
    const answer = await askStrictly(beyond);
    expect([answer.status, answer.body]).toEqual([400, refusal(`The document has more than ${limit}`)]);
    expect(await strict.database.prisma.ticket.count()).toBe(0);
  });
});

test('brackets are at most 100 within each other, whatever the limits', async () => {
  const nested = (levels: number) => `${'{ ... '.repeat(levels)}${shopById}${' }'.repeat(levels)}`;
  const within = await ask(nested(98));
  expect([within.status, within.body]).toEqual([200, { data: { shop: { id: shop.id } } }]);
  const beyond = await ask(nested(99));
  expect([beyond.status, beyond.body]).toEqual([
    400,
    refusal('The document has more than 100 levels of brackets'),
  ]);
});

describe('fragments count wherever they are spread', () => {
  test.each([
    [
      'aliases',
      '2 aliases',
      '{ shop { ...f } ticket(id: 1) { shop { ...f } } } fragment f on Shop { a: id b: id }',
    ],
    [
      'levels',
      '3 levels of fields',
      '{ ...f } fragment f on Query { shop { ...g } } fragment g on Shop { a { b { c } } }',
    ],
    ['cost', '15 points of cost', `{ shop { ...f ...f ...f ...f } } fragment f on Shop { id id id }`],
    ['what nothing spreads', '2 aliases', `${shopById} fragment f on Shop { a: id b: id c: id }`],
  ])('%s', async (_, limit, query) => {
    const answer = await askStrictly(query);
    expect([answer.status, answer.body]).toEqual([400, refusal(`The document has more than ${limit}`)]);
  });

  test('but add no level', async () => {
    const answer = await askStrictly(
      '{ ... { ...f } } fragment f on Query { ticket(id: 1) { ... on Ticket { customer { id } } } }',
    );
    expect([answer.status, answer.body]).toEqual([200, { data: { ticket: null } }]);
  });

  test('and one that is within itself is called by its name', async () => {
    const answer = await ask('{ ...f } fragment f on Query { shop { id } ...f }');
    expect([answer.status, answer.body]).toEqual([
      400,
      {
        errors: [
          {
            message: 'Cannot spread fragment "f" within itself.',
            locations: [{ line: 1, column: 44 }],
            extensions: { code: 'GRAPHQL_VALIDATION_FAILED', requestId: 'test' },
          },
        ],
      },
    ]);
  });
});

test('each operation of a document is held to the limits for itself', async () => {
  const answer = await strict.send('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': strictShop.key },
    body: JSON.stringify({
      query: 'query A { a: __typename b: __typename } query B { a: __typename b: __typename }',
      operationName: 'B',
    }),
  });
  expect([answer.status, answer.body]).toEqual([200, { data: { a: 'Query', b: 'Query' } }]);
});

/** Documents that would keep the process busy for long, or end it, and the limit that each exceeds first. */
const hostile: [name: string, query: string, limit: string][] = [
  ['15 kB of one field', `{ shop { ${'id '.repeat(5000)} } }`, '1000 tokens'],
  [
    'brackets in a type',
    `query ($a: ${'['.repeat(20_000)}Int${']'.repeat(20_000)}) ${shopById}`,
    '100 levels of brackets',
  ],
  ['brackets in a value', `{ ticket(id: ${'['.repeat(20_000)}`, '100 levels of brackets'],
  ['objects in a value', `{ ticket(id: ${'{a:'.repeat(20_000)}`, '100 levels of brackets'],
  ['fields within fields', '{shop'.repeat(20_000), '100 levels of brackets'],
  [
    'aliases of a mutation',
    `mutation { ${times(1000, (index) => `a${index}: createTicket(input: { customerId: ${shop.customerId}, channel: "x" }) { __typename }`)} }`,
    '1000 tokens',
  ],
  ['aliases of __typename', `{ ${times(101, (index) => `a${index}: __typename`)} }`, '50 aliases'],
  ['directives', `{ __typename ${'@a'.repeat(500)} }`, '20 directives'],
  ['one field 500 times', `{ ${'__typename '.repeat(500)} }`, '400 points of cost'],
  [
    'fragments that double sixty times',
    `{ ...f0 } ${times(60, (index) => `fragment f${index} on Query { ...f${index + 1} ...f${index + 1} }`)} fragment f60 on Query { __typename }`,
    '400 points of cost',
  ],
  [
    'all types again and again',
    `{ __schema { ${times(10, (index) => `a${index}: types { name }`)} } }`,
    '400 points of cost',
  ],
  ['comments', `${shopById}${'#\n'.repeat(45_000)}`, '1000 lines'],
  ['255 kB of comments', `${shopById}#${'x'.repeat(255_000)}`, '100000 characters'],
];

describe('by default', () => {
  test.each(hostile)('%s are refused', async (_, query, limit) => {
    const answer = await ask(query);
    expect([answer.status, answer.body]).toEqual([400, refusal(`The document has more than ${limit}`)]);
    expect(await byDefault.database.prisma.ticket.count({ where: { shopId: shop.id } })).toBe(0);
  });

  test('the introspection of GraphiQL and other tools passes', async () => {
    const query = getIntrospectionQuery({
      schemaDescription: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      inputValueDeprecation: true,
      oneOf: true,
    });
    const answer = await ask(query);
    expect(answer).toMatchObject({
      status: 200,
      body: { data: { __schema: { queryType: { name: 'Query' } } } },
    });
    expect(answer.body).not.toHaveProperty('errors');
  });

  test('the longest message passes also where it is written into the document', async () => {
    const message = 'x'.repeat(65_536);
    const answer = await ask(
      `mutation { createTicket(input: { customerId: ${shop.customerId}, channel: "Mail", lastMessage: "${message}" }) { ... on CreateTicketSuccess { ticket { lastMessage } } } }`,
    );
    expect([answer.status, answer.body]).toEqual([
      200,
      { data: { createTicket: { ticket: { lastMessage: message } } } },
    ]);
  });
});

test('with the limits at their highest, no document overflows the stack', async () => {
  const { documentLimits } = readConfig({
    DOCUMENT_CHARACTER_LIMIT: '262144',
    DOCUMENT_TOKEN_LIMIT: '5000',
    DOCUMENT_DIRECTIVE_LIMIT: '5000',
    DOCUMENT_DEPTH_LIMIT: '100',
    DOCUMENT_ALIAS_LIMIT: '5000',
    DOCUMENT_COST_LIMIT: '5000',
  });
  const generous = await startGateway({ documentLimits });
  const { id, key } = await makeShop(generous.database);
  const fragments = (count: number, text: (next: string) => string) =>
    times(count, (index) => `fragment f${index} on Query { ${text(`...f${index + 1}`)} }`);
  const chain = (count: number, text: (next: string) => string) =>
    `{ ...f0 } ${fragments(count, text)} fragment f${count} on Query ${shopById}`;
  const passing = [
    chain(600, (next) => next),
    chain(16, (next) => `${'... { '.repeat(98)}${next}${' }'.repeat(98)}`),
  ];
  for (const query of passing) {
    const answer = await postGraphQL(generous, key, query);
    expect([answer.status, answer.body]).toEqual([200, { data: { shop: { id } } }]);
  }
  const ring = `{ ...f0 } ${fragments(500, (next) => next)} fragment f500 on Query { ...f0 }`;
  const others = [ring, '{shop'.repeat(90) + '}'.repeat(90), ...hostile.map(([, query]) => query)];
  for (const query of others) {
    const { status } = await postGraphQL(generous, key, query);
    expect([200, 400]).toContain(status);
  }
});

test('a document that was refused is refused again, with the request id of the second request', async () => {
  const send = (requestId: string) =>
    byDefault.send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': shop.key, 'x-request-id': requestId },
      body: JSON.stringify({ query: `{ ${'__typename '.repeat(401)} }` }),
    });
  const answers = [await send('first'), await send('second')];
  expect(answers.map(({ status, body }) => [status, body])).toEqual(
    ['first', 'second'].map((requestId) => [
      400,
      refusal('The document has more than 400 points of cost', requestId),
    ]),
  );
});

test('a client that accepts only application/json gets 200, as for other faults of its document', async () => {
  const answer = await byDefault.send('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': shop.key,
      'x-request-id': 'test',
      accept: 'application/json',
    },
    body: JSON.stringify({ query: `{ ${'__typename '.repeat(401)} }` }),
  });
  expect([answer.status, answer.body]).toEqual([
    200,
    refusal('The document has more than 400 points of cost'),
  ]);
});

test('a GET is held to the same limits', async () => {
  const query = `{ ${times(51, (index) => `a${index}: __typename`)} }`;
  const answer = await byDefault.send(`/graphql?${new URLSearchParams({ query })}`, {
    headers: { 'x-api-key': shop.key, 'x-request-id': 'test' },
  });
  expect([answer.status, answer.body]).toEqual([400, refusal('The document has more than 50 aliases')]);
});

test('without a key nothing of a document is looked at', async () => {
  const answer = await byDefault.send('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'test' },
    body: JSON.stringify({ query: '{shop'.repeat(20_000) }),
  });
  expect([answer.status, answer.body]).toEqual([
    401,
    { errors: [{ message: 'Missing API key', extensions: { code: 'MISSING_API_KEY', requestId: 'test' } }] },
  ]);
});

test('a document’s tickets have at most 262,144 characters of messages and tags together, however often it uses a variable', async () => {
  const { customerId } = shop;
  const create = (index: number, field: string) =>
    `t${index}: createTicket(input: { customerId: ${customerId}, channel: "x", ${field} }) { __typename }`;
  const created = { __typename: 'CreateTicketSuccess' };
  const variables = { text: 'x'.repeat(65_536), tags: Array(100).fill('x'.repeat(255)) };
  const createWith = (fields: readonly string[]) => {
    const tags = fields.includes('tags: $tags') ? ', $tags: [String!]' : '';
    const document = `mutation ($text: String${tags}) { ${fields.map((field, index) => create(index, field)).join('\n')} }`;
    return postGraphQL(byDefault, shop.key, document, variables);
  };
  const four = Array(4).fill('lastMessage: $text');
  const countTickets = () => byDefault.database.prisma.ticket.count();
  const before = await countTickets();
  const within = await createWith(four);
  expect(within.body).toEqual({ data: { t0: created, t1: created, t2: created, t3: created } });
  for (const more of ['lastMessage: "x"', 'tags: $tags']) {
    const beyond = await createWith([...four, more, 'lastMessage: $text']);
    const message = "The document's tickets may have 262144 characters of messages and tags together";
    expect(beyond.status).toBe(400);
    expect(beyond.body).toEqual({
      data: null,
      errors: [
        {
          message,
          path: ['t4'],
          locations: [{ line: 5, column: 1 }],
          extensions: { code: 'DOCUMENT_TOO_COMPLEX', requestId: 'test' },
        },
      ],
    });
  }
  expect(await countTickets()).toBe(before + 12);
});

test('an answer shows at most 262,144 characters of messages and tags, however often a document asks for them', async () => {
  const long = { customerId: shop.customerId, Channel: 'Mail', lastMessage: 'x'.repeat(65_536) };
  const { ticket } = (await postTicket(byDefault, shop.key, long)).body as { ticket: { id: string } };
  const ask = (fields: string) =>
    postGraphQL(byDefault, shop.key, `{ ticket(id: "${ticket.id}") { ${fields} } }`);
  const messages = (count: number) =>
    Array.from({ length: count }, (_, index) => `m${index}: lastMessage`).join(' ');
  const four = Object.fromEntries([0, 1, 2, 3].map((index) => [`m${index}`, long.lastMessage]));
  expect(await ask(messages(4))).toMatchObject({ status: 200, body: { data: { ticket: four } } });
  const answer = await ask(`id ${messages(5)}`);
  expect(answer.status).toBe(400);
  expect(answer.body).toEqual({
    data: { ticket: { id: ticket.id, ...four, m4: null } },
    errors: [
      {
        message: 'An answer may show 262144 characters of messages and tags',
        path: ['ticket', 'm4'],
        locations: [{ line: 1, column: expect.any(Number) }],
        extensions: { code: 'DOCUMENT_TOO_COMPLEX', requestId: 'test' },
      },
    ],
  });
});

test('between the tickets of a document that are refused for their input the others are heard', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `t${index}`);
  const fields = names.map(
    (name) => `${name}: createTicket(input: { customerId: 1, channel: " " }) { __typename }`,
  );
  let isOver = false;
  const asked = ask(`mutation { ${fields.join(' ')} }`).finally(() => {
    isOver = true;
  });
  let heard = 0;
  for (; !isOver; heard += 1) await nextTurn();
  expect((await asked).body).toEqual({
    data: Object.fromEntries(names.map((name) => [name, { __typename: 'InvalidInputError' }])),
  });
  expect(heard).toBeGreaterThan(40);
});

test('the REST door is exempt: a v1 request is no document', async () => {
  const nothing = { characters: 1, tokens: 1, directives: 0, depth: 1, aliases: 0, cost: 1 };
  const closed = await startGateway({ documentLimits: nothing });
  const { key, customerId } = await makeShop(closed.database);
  expect(await postGraphQL(closed, key, shopById)).toMatchObject({
    status: 400,
    body: refusal('The document has more than 1 characters'),
  });
  expect(await postTicket(closed, key, { customerId, Channel: 'Mail' })).toMatchObject({ status: 201 });
});

test('documents are remembered up to a number, a length, and a length in all', () => {
  const { errorCache } = createDocumentCaches();
  const remember = (count: number, length: number) => {
    for (let index = 0; index < count; index += 1) errorCache.set(String(index).padEnd(length), {});
    return errorCache.size;
  };
  expect(remember(2_000, 10)).toBe(1_000);
  expect(remember(2_000, 9_999)).toBe(25);
  expect(remember(2_000, 10_000)).toBe(25);
});
