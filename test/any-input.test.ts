import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeShop, postGraphQL, postTicket, startGateway } from './helpers/gateway.ts';
import { MESSAGE } from './helpers/planted-secrets.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);

const createTicket =
  'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { __typename ... on Error { code } } }';

const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\0', '\ud800', '\udc00', "'", '"', '\\', '{', '}', '\n', '😀') }),
  fc.constantFrom('1e999', '0x1', '-0', '9'.repeat(40), '2026-02-30', '+275760-09-13', 'NaN', '__proto__'),
);
const hostileNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(2 ** 31, 2 ** 53, -(2 ** 63), 1e300, -0),
);
const hostileDate = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
const anything = fc.oneof(
  hostileText,
  hostileNumber,
  hostileDate,
  fc.boolean(),
  fc.constant(null),
  fc.array(hostileText, { maxLength: 120 }),
  fc.jsonValue(),
);
const usually = <Value>(value: fc.Arbitrary<Value>) => fc.oneof({ weight: 4, arbitrary: value }, anything);

/** Inputs that get past the first checks more often than not, with something odd about them. */
const inputWith = (channel: string) =>
  fc.record(
    {
      customerId: usually(fc.constant(shop.customerId)),
      [channel]: usually(fc.constant('Mail')),
      name: anything,
      lastMessage: usually(hostileText.map((text) => MESSAGE + text)),
      date: usually(hostileDate),
      lastMessageTime: usually(hostileDate),
      tags: usually(fc.array(hostileText, { maxLength: 5 })),
      assigned_to: anything,
      assignedTo: anything,
      isOpenedTicket: anything,
      unReadChatCount: anything,
      unreadChatCount: anything,
      via: anything,
    },
    { requiredKeys: ['customerId', channel] },
  );

const parameters = { numRuns: 300 } as const;

test('no JSON body whatever yields a 5xx at the REST door', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(inputWith('Channel'), fc.jsonValue()), async (body) => {
      const answer = await postTicket(gateway, shop.key, body ?? null);
      expect([201, 400, 404]).toContain(answer.status);
      expect(answer.body).toHaveProperty(answer.status === 201 ? 'ticket' : 'code');
    }),
    parameters,
  );
});

test('no JSON body whatever yields a 5xx at the GraphQL door', async () => {
  const body = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        query: usually(fc.constant('{ shop { id } }')),
        variables: anything,
        operationName: anything,
        extensions: anything,
      },
      { requiredKeys: [] },
    ),
  );
  await fc.assert(
    fc.asyncProperty(body, async (sent) => {
      const answer = await gateway.send('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': shop.key },
        body: JSON.stringify(sent ?? null),
      });
      expect([200, 400]).toContain(answer.status);
    }),
    parameters,
  );
});

test('no input of createTicket whatever yields a 5xx at the GraphQL door', async () => {
  const knownFields = ({ assigned_to, unReadChatCount, ...input }: Record<string, unknown>) => input;
  await fc.assert(
    fc.asyncProperty(fc.oneof(inputWith('channel').map(knownFields), fc.jsonValue()), async (input) => {
      const answer = await postGraphQL(gateway, shop.key, createTicket, { input });
      expect([200, 400]).toContain(answer.status);
      if (answer.status === 200) expect(answer.body).toHaveProperty('data.createTicket.__typename');
    }),
    parameters,
  );
});

test('no variable of a BigInt whatever yields a 5xx', async () => {
  await fc.assert(
    fc.asyncProperty(anything, async (id) => {
      const answer = await postGraphQL(gateway, shop.key, 'query ($id: BigInt!) { ticket(id: $id) { id } }', {
        id,
      });
      expect([200, 400]).toContain(answer.status);
    }),
    parameters,
  );
});

test('what was accepted is stored as it was sent', async () => {
  const wellFormed = fc
    .string({ unit: 'binary' })
    .filter((text) => !text.includes('\0') && text.length < 255);
  await fc.assert(
    fc.asyncProperty(wellFormed, fc.array(wellFormed, { maxLength: 5 }), async (text, tags) => {
      const body = {
        customerId: shop.customerId,
        Channel: 'Mail',
        name: text,
        lastMessage: text,
        via: text,
        tags,
      };
      const answer = await postTicket(gateway, shop.key, body);
      expect(answer).toMatchObject({
        status: 201,
        body: { ticket: { name: text, lastMessage: text, via: text, tags } },
      });
    }),
    { numRuns: 100 },
  );
});
