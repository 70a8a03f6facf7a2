import { describe, expect, test } from 'vitest';
import { makeShop, postGraphQL, startGateway } from './helpers/gateway.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);

const createTicket = 'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { __typename } }';
const error = (code: string, message: string, column: number) => ({
  message,
  locations: [{ line: 1, column }],
  extensions: { code, requestId: 'test' },
});

describe('no error suggests a name of the schema', () => {
  test.each([
    ['a field', '{ shop { nam } }', 'Cannot query field "nam" on type "Shop".', 10],
    [
      'a field of a union',
      'mutation { createTicket(input: { customerId: 1, channel: "x" }) { ticket } }',
      'Cannot query field "ticket" on type "CreateTicketResult".',
      67,
    ],
    [
      'an argument',
      '{ ticket(id: 1, ids: 2) { id } }',
      'Unknown argument "ids" on field "Query.ticket".',
      17,
    ],
    [
      'a directive’s argument',
      '{ shop @skip(if: true, iff: true) { id } }',
      'Unknown argument "iff" on directive "@skip".',
      24,
    ],
    ['a type', '{ shop { ... on Sho { id } } }', 'Unknown type "Sho".', 17],
    [
      'what to select of a field',
      '{ shop }',
      'Field "shop" of type "Shop!" must have a selection of subfields.',
      3,
    ],
    [
      'a field of an input',
      'mutation { createTicket(input: { customerId: 1, channel: "x", tag: "x" }) { __typename } }',
      'Field "tag" is not defined by type "CreateTicketInput".',
      63,
    ],
  ])('%s', async (_, query, message, column) => {
    const answer = await postGraphQL(gateway, shop.key, query);
    expect([answer.status, answer.body]).toEqual([
      400,
      { errors: [error('GRAPHQL_VALIDATION_FAILED', message, column)] },
    ]);
  });

  test('a field of a variable', async () => {
    const input = { customerId: shop.customerId, channel: 'Mail', tag: 'x' };
    const answer = await postGraphQL(gateway, shop.key, createTicket, { input });
    const message = `Variable "$input" got invalid value { customerId: ${shop.customerId}, channel: "Mail", tag: "x" }; Field "tag" is not defined by type "CreateTicketInput".`;
    expect([answer.status, answer.body]).toEqual([400, { errors: [error('BAD_USER_INPUT', message, 11)] }]);
  });
});

test('of a document’s errors five are told, and that there are more', async () => {
  const query = `{ ${'a b c d e f g '.repeat(20)} }`;
  const answer = await postGraphQL(gateway, shop.key, query);
  expect([answer.status, answer.body]).toEqual([
    400,
    {
      errors: [
        ...[...'abcde'].map((name, index) =>
          error('GRAPHQL_VALIDATION_FAILED', `Cannot query field "${name}" on type "Query".`, 3 + 2 * index),
        ),
        {
          message: 'Too many validation errors, error limit reached. Validation aborted.',
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED', requestId: 'test' },
        },
      ],
    },
  ]);
});

test('of the errors of variables five are told, and that there are more', async () => {
  const tags = Array.from({ length: 100 }, (_, index) => index);
  const input = { customerId: shop.customerId, channel: 'Mail', tags };
  const answer = await postGraphQL(gateway, shop.key, createTicket, { input });
  const messageFor = (index: number) =>
    `Variable "$input" got invalid value ${index} at "input.tags[${index}]"; String cannot represent a non string value: ${index}`;
  expect([answer.status, answer.body]).toEqual([
    400,
    {
      errors: [
        ...[0, 1, 2, 3, 4].map((index) => error('BAD_USER_INPUT', messageFor(index), 11)),
        {
          message: 'Too many errors processing variables, error limit reached. Execution aborted.',
          extensions: { code: 'BAD_USER_INPUT', requestId: 'test' },
        },
      ],
    },
  ]);
});

test('an error quotes at most a thousand characters of what was sent', async () => {
  const input = { customerId: 'x'.repeat(100_000), channel: 'Mail' };
  const answer = await postGraphQL(gateway, shop.key, createTicket, { input });
  const start = 'Variable "$input" got invalid value "';
  const message = `${start}${'x'.repeat(1000 - start.length)}…`;
  expect([answer.status, answer.body]).toEqual([400, { errors: [error('BAD_USER_INPUT', message, 11)] }]);
});

test('variables with more fields than all tickets of a document may have are refused as a whole', async () => {
  const fieldsOf = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, 1]));
  const askWith = (input: object) => postGraphQL(gateway, shop.key, createTicket, { input });
  const refused = await askWith({ list: [fieldsOf(500)], object: fieldsOf(500) });
  expect([refused.status, refused.body]).toEqual([
    400,
    {
      errors: [
        {
          message: 'The variables have more than 1000 fields',
          extensions: { code: 'BAD_USER_INPUT', requestId: 'test' },
        },
      ],
    },
  ]);
  // With the input itself, a thousand: GraphQL finds what is wrong with them.
  const told = await askWith(fieldsOf(999));
  expect(told).toMatchObject({
    status: 400,
    body: { errors: Array(6).fill({ extensions: { code: 'BAD_USER_INPUT' } }) },
  });
});
