import { describe, expect, test } from 'vitest';
import { makeShop, plainRow, postGraphQL, postTicket, startGateway } from './helpers/gateway.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);
const { id } = await gateway.database.prisma.ticket.create({
  data: {
    id: 2n ** 53n + 1n,
    shopId: shop.id,
    customerId: shop.customerId,
    ...plainRow,
    humanTicket: { create: {} },
  },
});

const found = { data: { ticket: { id: '9007199254740993' } } };
const withVariable = (json: string) =>
  gateway.send('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': shop.key },
    body: `{"query":"query ($id: BigInt!) { ticket(id: $id) { id } }","variables":{"id":${json}}}`,
  });

test('a large and a small BigInt are both strings in JSON', async () => {
  const query = `{ ticket(id: "${id}") { id humanTicket { id } } }`;
  expect((await postGraphQL(gateway, shop.key, query)).body).toEqual({
    data: { ticket: { id: '9007199254740993', humanTicket: { id: expect.stringMatching(/^\d{1,3}$/) } } },
  });
  const rest = await postTicket(gateway, shop.key, { customerId: shop.customerId, Channel: 'Mail' });
  expect(rest.body).toMatchObject({ ticket: { id: expect.stringMatching(/^\d{17,19}$/) } });
});

test.each(['"9007199254740993"', '9007199254740993'])('the literal %s is read exactly', async (literal) => {
  const answer = await postGraphQL(gateway, shop.key, `{ ticket(id: ${literal}) { id } }`);
  expect(answer).toMatchObject({ status: 200, body: found });
});

test('a variable that is a string is read exactly', async () => {
  expect(await withVariable('"9007199254740993"')).toMatchObject({ status: 200, body: found });
});

test.each(['5', '-5', '9007199254740991', '"-9223372036854775808"', '"9223372036854775807"'])(
  'the variable %s is taken',
  async (json) => {
    expect(await withVariable(json)).toMatchObject({ status: 200, body: { data: { ticket: null } } });
  },
);

describe('refused as the client’s fault, never rounded', () => {
  test.each([
    '9007199254740993',
    '9007199254740992',
    '1e300',
    '1.5',
    'true',
    '{}',
    '[1]',
    '""',
    '"abc"',
    '"1.5"',
    '"0x10"',
    '" 1"',
    '"9223372036854775808"',
    `"${'9'.repeat(1000)}"`,
  ])('the variable %s', async (json) => {
    const answer = await withVariable(json);
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    });
    expect(answer.body).not.toHaveProperty('data');
  });

  test.each(['1.5', 'true', '{}', '"abc"', '9223372036854775808', 'ENUM'])(
    'the literal %s',
    async (literal) => {
      const answer = await postGraphQL(gateway, shop.key, `{ ticket(id: ${literal}) { id } }`);
      expect(answer).toMatchObject({
        status: 400,
        body: { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
      });
    },
  );
});
