import { describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { makeShop, postGraphQL, startGateway } from './helpers/gateway.ts';

const closed = await startGateway({ introspection: false, graphiql: false });
const shop = await makeShop(closed.database);
const browser = { accept: 'text/html,application/xhtml+xml', 'x-request-id': 'test' };

describe('with introspection off', () => {
  test.each([
    ['__schema', '{ __schema { __typename } }', 3],
    ['__type', '{ __type(name: "Query") { __typename } }', 3],
    ['__schema', '{ shop { id } ...f } fragment f on Query { a: __schema { __typename } }', 44],
  ])('%s is refused: %s', async (field, query, column) => {
    const answer = await postGraphQL(closed, shop.key, query);
    expect([answer.status, answer.body]).toEqual([
      400,
      {
        errors: [
          {
            message: `GraphQL introspection has been disabled, but the requested query contained the field "${field}".`,
            locations: [{ line: 1, column }],
            extensions: { code: 'GRAPHQL_VALIDATION_FAILED', requestId: 'test' },
          },
        ],
      },
    ]);
  });

  test('__typename is answered', async () => {
    const answer = await postGraphQL(closed, shop.key, '{ __typename shop { __typename } }');
    expect([answer.status, answer.body]).toEqual([
      200,
      { data: { __typename: 'Query', shop: { __typename: 'Shop' } } },
    ]);
  });
});

describe('with GraphiQL off, a browser at /graphql is answered like any client', () => {
  test('401 without a key', async () => {
    const answer = await closed.send('/graphql', { headers: browser });
    expect([answer.status, answer.body]).toEqual([
      401,
      {
        errors: [{ message: 'Missing API key', extensions: { code: 'MISSING_API_KEY', requestId: 'test' } }],
      },
    ]);
  });

  test('400 without a query', async () => {
    const answer = await closed.send('/graphql', { headers: { ...browser, 'x-api-key': shop.key } });
    expect([answer.status, answer.body]).toEqual([
      400,
      {
        errors: [
          {
            message: 'Must provide query string.',
            extensions: { code: 'BAD_USER_INPUT', requestId: 'test' },
          },
        ],
      },
    ]);
  });

  test('200 with a key and a query', async () => {
    const answer = await closed.send('/graphql?query=%7Bshop%7Bid%7D%7D', {
      headers: { ...browser, 'x-api-key': shop.key },
    });
    expect([answer.status, answer.body]).toEqual([200, { data: { shop: { id: shop.id } } }]);
  });
});

test.each([
  ['are on by default', {}, true],
  ['are off by default in production', { NODE_ENV: 'production' }, false],
  [
    'can be switched on in production',
    { NODE_ENV: 'production', INTROSPECTION: 'true', GRAPHIQL: 'true' },
    true,
  ],
  [
    'can be switched off elsewhere',
    { NODE_ENV: 'development', INTROSPECTION: 'false', GRAPHIQL: 'false' },
    false,
  ],
])('introspection and GraphiQL %s', (_, environment, expected) => {
  const { introspection, graphiql } = readConfig(environment);
  expect({ introspection, graphiql }).toEqual({ introspection: expected, graphiql: expected });
});
