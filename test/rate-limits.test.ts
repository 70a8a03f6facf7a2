import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApiKey } from '../src/auth/api-keys.ts';
import { Admission } from '../src/limits/admission.ts';
import { listen } from '../src/server.ts';
import { eventually } from './helpers/eventually.ts';
import {
  type Answer,
  makeShop,
  postGraphQL,
  postTicket,
  startGateway,
  type TestShop,
} from './helpers/gateway.ts';
import { plantSecret } from './helpers/log-record.ts';
import { exchange, parseAnswer } from './helpers/sockets.ts';

let now = 0;
const clock = () => now;
const gateway = await startGateway({ rateLimit: { rate: 2, capacity: 3 }, clock });
const { prisma, sql } = gateway.database;
const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));
let shop: TestShop;

beforeEach(async () => {
  vi.restoreAllMocks();
  shop = await makeShop(gateway.database);
});

const createTicket = /* GraphQL */ `
  mutation ($input: CreateTicketInput!) { createTicket(input: $input) { __typename } }
`;

const input = () => ({ customerId: shop.customerId, channel: 'Mail' });
const body = () => ({ customerId: shop.customerId, Channel: 'Mail' });
const throughRest = (more: object = {}, key = shop.key) => postTicket(gateway, key, { ...body(), ...more });
const throughGraphQL = (more: object = {}, key = shop.key) =>
  postGraphQL(gateway, key, createTicket, { input: { ...input(), ...more } });
const countTickets = () => prisma.ticket.count({ where: { shopId: shop.id } });

const limitsOf = ({ status, headers }: Pick<Answer, 'status' | 'headers'>) => [
  status,
  headers.get('ratelimit-policy'),
  headers.get('ratelimit'),
  headers.get('retry-after'),
];
const policy = '"tickets";q=3;w=2';
const left = (remaining: number, seconds: number) => `"tickets";r=${remaining};t=${seconds}`;

const message = 'Too many tickets: the API key may create 2 a second';
const doors = [
  ['REST', throughRest, 201, { error: message, code: 'RATE_LIMITED', requestId: 'test' }],
  [
    'GraphQL',
    throughGraphQL,
    200,
    {
      data: null,
      errors: [
        {
          message,
          path: ['createTicket'],
          locations: [{ line: 2, column: 43 }],
          extensions: { code: 'RATE_LIMITED', requestId: 'test' },
        },
      ],
    },
  ],
] as const;

describe.each(doors)('%s', (_, create, created, refusal) => {
  test('a key creates as many tickets as its bucket holds, and the next is 429 until one is there again', async () => {
    expect(limitsOf(await create())).toEqual([created, policy, left(2, 1), null]);
    expect(limitsOf(await create())).toEqual([created, policy, left(1, 1), null]);
    expect(limitsOf(await create())).toEqual([created, policy, left(0, 1), null]);
    const refused = await create();
    expect(limitsOf(refused)).toEqual([429, policy, left(0, 1), '1']);
    expect(refused.body).toEqual(refusal);
    expect(await countTickets()).toBe(3);
    now += 499;
    expect(limitsOf(await create())).toEqual([429, policy, left(0, 1), '1']);
    now += 1;
    expect(limitsOf(await create())).toEqual([created, policy, left(0, 1), null]);
    expect(await countTickets()).toBe(4);
  });
});

test('the tickets come back steadily, and no more of them than the bucket holds', async () => {
  const look = async () => limitsOf(await postGraphQL(gateway, shop.key, '{ shop { id } }'))[2];
  expect(await look()).toBe(left(3, 0));
  await Promise.all([throughRest(), throughRest(), throughRest()]);
  expect(await look()).toBe(left(0, 1));
  now += 500;
  expect(await look()).toBe(left(1, 1));
  now += 500;
  expect(await look()).toBe(left(2, 1));
  now += 499;
  expect(await look()).toBe(left(2, 1));
  now += 3_600_000;
  expect(await look()).toBe(left(3, 0));
});

test('both doors take from one bucket, and every key has a bucket of its own', async () => {
  const other = await makeShop(gateway.database);
  expect(limitsOf(await throughRest())[2]).toBe(left(2, 1));
  expect(limitsOf(await throughGraphQL())[2]).toBe(left(1, 1));
  expect(limitsOf(await throughRest({ customerId: other.customerId }, other.key))[2]).toBe(left(2, 1));
});

test('a document takes a token for every ticket that it creates, whatever their aliases', async () => {
  const fields = Array.from(
    { length: 50 },
    (_, index) =>
      `t${index}: createTicket(input: { customerId: ${shop.customerId}, channel: "Mail" }) { __typename }`,
  );
  const answer = await postGraphQL(gateway, shop.key, `mutation { ${fields.join('\n')} }`);
  expect(limitsOf(answer)).toEqual([429, policy, left(0, 1), '1']);
  expect(answer.body).toEqual({
    data: null,
    errors: [
      {
        message,
        path: ['t3'],
        locations: [{ line: 4, column: 1 }],
        extensions: { code: 'RATE_LIMITED', requestId: 'test' },
      },
    ],
  });
  expect(await countTickets()).toBe(3);
});

test('fifty requests at once create no more tickets than the bucket holds', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => throughRest()));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(47);
  expect(await countTickets()).toBe(3);
});

test('a hundred requests at once with one key take one token, and all get that ticket', async () => {
  const repeat = (index: number) =>
    index % 2 === 0
      ? postTicket(gateway, shop.key, body(), 'rush')
      : throughGraphQL({ idempotencyKey: 'rush' });
  const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => repeat(index)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map((_, index) => (index % 2 ? 200 : 201)));
  expect(await countTickets()).toBe(1);
  expect(limitsOf(await throughRest())[2]).toBe(left(1, 1));
});

test('a repetition is answered also when the bucket is empty, and so is other input with its key', async () => {
  const create = (more: object = {}) => postTicket(gateway, shop.key, { ...body(), ...more }, 'early');
  const first = await create();
  await Promise.all([throughRest(), throughRest()]);
  expect(limitsOf(await throughRest())).toEqual([429, policy, left(0, 1), '1']);
  const repeated = await create();
  expect(limitsOf(repeated)).toEqual([201, policy, left(0, 1), null]);
  expect(repeated.body).toEqual(first.body);
  expect(limitsOf(await create({ name: 'other' }))).toEqual([422, policy, left(0, 1), null]);
  expect(await countTickets()).toBe(3);
});

/** Empties the bucket and asks for a ticket, whose idempotency key is looked up until it may go on. */
async function freezeRefusal(idempotencyKey: string) {
  await Promise.all([throughRest(), throughRest(), throughRest()]);
  let goOn = () => {};
  const frozen = new Promise<never[]>((resolve) => {
    goOn = () => resolve([]);
  });
  const query = vi.spyOn(sql, 'query').mockReturnValueOnce(frozen);
  const refused = postTicket(gateway, shop.key, body(), idempotencyKey);
  await eventually(() => expect(query).toHaveBeenCalled());
  return { refused, goOn };
}

test('who sends the same as another credential at the same time is not told of its rate limit', async () => {
  const scopes = ['tickets:write'] as const;
  const { key } = await createApiKey(prisma, { shop: shop.domain, name: 'other', scopes, expiresAt: null });
  const { refused, goOn } = await freezeRefusal('shared');
  expect(limitsOf(await postTicket(gateway, key, body(), 'shared'))).toEqual([201, policy, left(2, 1), null]);
  goOn();
  expect(limitsOf(await refused)).toEqual([429, policy, left(0, 1), '1']);
});

test('who is refused is told what was left then, also when tokens have come back before the answer', async () => {
  const { refused, goOn } = await freezeRefusal('slow');
  now += 1_000;
  goOn();
  expect(limitsOf(await refused)).toEqual([429, policy, left(0, 1), '1']);
});

test('a repetition past the limit is told what is left when it is answered', async () => {
  await postTicket(gateway, shop.key, body(), 'early');
  await Promise.all([throughRest(), throughRest()]);
  const { query } = sql;
  vi.spyOn(sql, 'query').mockImplementationOnce((statement, values) => {
    now += 1_000;
    return query(statement, values);
  });
  const repeated = await postTicket(gateway, shop.key, body(), 'early');
  expect(limitsOf(repeated)).toEqual([201, policy, left(2, 1), null]);
});

describe('what creates no ticket takes no token', () => {
  test.each<[string, object, number, string]>([
    ['a bad field', { channel: '', Channel: '' }, 400, 'INVALID_INPUT'],
    ["a customer that the shop doesn't have", { customerId: 2_000_000_000 }, 404, 'CUSTOMER_NOT_FOUND'],
    [
      'an agent that it does not have',
      { assignedTo: 2_000_000_000, assigned_to: 2_000_000_000 },
      404,
      'ASSIGNEE_NOT_FOUND',
    ],
  ])('%s', async (_, more, status, code) => {
    const rest = await throughRest(more);
    expect(rest.body).toMatchObject({ code });
    expect(limitsOf(rest)).toEqual([status, policy, left(3, 0), null]);
    const { channel = 'Mail', customerId = shop.customerId, assignedTo } = more as Record<string, unknown>;
    const graphQL = await postGraphQL(gateway, shop.key, createTicket, {
      input: { channel, customerId, assignedTo },
    });
    expect(limitsOf(graphQL)).toEqual([200, policy, left(3, 0), null]);
  });

  test('a replay, and an idempotency key that was used with other input', async () => {
    const input = { idempotencyKey: 'order-17' };
    expect(limitsOf(await throughGraphQL(input))[2]).toBe(left(2, 1));
    expect(limitsOf(await throughGraphQL(input))[2]).toBe(left(2, 1));
    expect(limitsOf(await throughGraphQL({ ...input, channel: 'Chat' }))[2]).toBe(left(2, 1));
    expect(await countTickets()).toBe(1);
  });

  test('a ticket for which there is no room in the queue', async () => {
    // From then on the key is known.
    await throughRest({ Channel: '' });
    const refusal = vi.spyOn(Admission.prototype, 'run').mockImplementation(async (shopId, work) => {
      refusal.mockRestore();
      return new Admission(0).run(shopId, work);
    });
    const answer = await throughRest();
    expect(answer.body).toMatchObject({ error: 'Too many requests are under way' });
    expect(limitsOf(answer)).toEqual([503, policy, left(3, 0), '1']);
  });

  test('a ticket that PostgreSQL gave up again and again', async () => {
    vi.spyOn(sql, 'query').mockRejectedValue(Object.assign(new Error('disturbed'), { code: '40001' }));
    expect(limitsOf(await throughRest())).toEqual([503, policy, left(3, 0), '1']);
  });

  test('a ticket that PostgreSQL refused for want of space', async () => {
    const refusal = Object.assign(new Error('could not extend file'), { code: '53100', severity: 'ERROR' });
    vi.spyOn(sql, 'query').mockRejectedValue(refusal);
    expect(limitsOf(await throughRest())).toEqual([503, policy, left(3, 0), '5']);
  });
});

test('a ticket of which nobody knows whether it was created has taken its token', async () => {
  vi.spyOn(sql, 'query').mockRejectedValue(new Error('Connection terminated unexpectedly'));
  expect(limitsOf(await throughRest())).toEqual([503, policy, left(2, 1), '5']);
});

describe('where the key stands is on every answer to a request whose key was accepted', () => {
  const headers = (more: Record<string, string> = {}) => ({
    'content-type': 'application/json',
    'x-api-key': shop.key,
    ...more,
  });
  test.each<[string, number, string, () => RequestInit]>([
    [
      'a document that is none',
      400,
      '/graphql',
      () => ({ method: 'POST', headers: headers(), body: '{"query":"{"}' }),
    ],
    ['JSON that is none', 400, '/api/v1/tickets', () => ({ method: 'POST', headers: headers(), body: '{' })],
    [
      'a body that is too large',
      413,
      '/graphql',
      () => ({ method: 'POST', headers: headers(), body: 'x'.repeat(600_000) }),
    ],
    [
      'a body of another type',
      415,
      '/api/v1/tickets',
      () => ({ method: 'POST', headers: headers({ 'content-type': 'text/plain' }), body: '{}' }),
    ],
    ['another method at REST', 405, '/api/v1/tickets', () => ({ method: 'DELETE', headers: headers() })],
    ['another method at GraphQL', 405, '/graphql', () => ({ method: 'OPTIONS', headers: headers() })],
    ['a mutation in a GET', 405, '/graphql?query=mutation{__typename}', () => ({ headers: headers() })],
  ])('%s is %i', async (_, status, path, init) => {
    expect(limitsOf(await gateway.send(path, init()))).toEqual([status, policy, left(3, 0), null]);
  });

  test('a key without the scope is 403', async () => {
    const { key, customerId } = await makeShop(gateway.database, ['tickets:read']);
    expect(limitsOf(await throughRest({ customerId }, key))).toEqual([403, policy, left(3, 0), null]);
  });

  test.each<[string, number, string, RequestInit]>([
    ['no key', 401, '/graphql', { method: 'POST' }],
    ['an unknown key', 401, '/api/v1/tickets', { method: 'POST', headers: { 'x-api-key': 'unknown-key' } }],
    ['another method without a key', 405, '/graphql', { method: 'PUT' }],
    [
      'another method with an unknown key',
      405,
      '/api/v1/tickets',
      { method: 'PUT', headers: { 'x-api-key': 'unknown-key' } },
    ],
  ])(
    'and on those without it stands where the address of the client does: %s is %i',
    async (_, status, path, init) => {
      expect(limitsOf(await gateway.send(path, init))).toEqual([
        status,
        expect.stringMatching(/^"invalid-credentials";q=\d+;w=60$/),
        expect.stringMatching(/^"invalid-credentials";r=\d+;t=\d+$/),
        null,
      ]);
    },
  );

  test.each([
    ['/tickets', 404],
    ['/health', 200],
  ])('and on none of what is no door: %s is %i', async (path, status) => {
    expect(limitsOf(await gateway.send(path))).toEqual([status, null, null, null]);
  });
});

test.each(['/graphql', '/api/v1/tickets'])('and on that to a bad Host at %s', async (path) => {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: gateway.test?',
    'Connection: close',
    `X-Api-Key: ${shop.key}`,
  ];
  const { status, headers } = parseAnswer(await exchange(server.url, `${lines.join('\r\n')}\r\n\r\n`));
  expect(limitsOf({ status, headers: new Headers(headers) })).toEqual([400, policy, left(3, 0), null]);
});

describe('a key may have limits of its own in the database', () => {
  const makeKey = async (limits: { rateLimit?: number; rateLimitBurst?: number }) => {
    const key = { shop: shop.domain, name: 'Own', scopes: ['tickets:write' as const], expiresAt: null };
    const created = await createApiKey(prisma, { ...key, ...limits });
    plantSecret(created.key);
    return created.key;
  };
  test.each([
    ['both', { rateLimit: 10, rateLimitBurst: 20 }, '"tickets";q=30;w=3', left(29, 1)],
    ['the rate, with the burst of all', { rateLimit: 10 }, '"tickets";q=11;w=2', left(10, 1)],
    ['the burst, with the rate of all', { rateLimitBurst: 0 }, '"tickets";q=2;w=1', left(1, 1)],
  ])('%s', async (_, limits, ownPolicy, state) => {
    expect(limitsOf(await throughRest({}, await makeKey(limits)))).toEqual([201, ownPolicy, state, null]);
  });

  test('a limit that is changed counts for what was taken before', async () => {
    const key = await makeKey({ rateLimit: 2, rateLimitBurst: 0 });
    await throughRest({}, key);
    await throughRest({}, key);
    expect((await throughRest({}, key)).status).toBe(429);
    await prisma.apiKey.updateMany({ where: { name: 'Own', shopId: shop.id }, data: { rateLimit: 100 } });
    const later = performance.now() + 6_000;
    vi.spyOn(performance, 'now').mockImplementation(() => later);
    await eventually(async () => {
      expect(limitsOf(await throughRest({}, key))).toEqual([201, '"tickets";q=100;w=1', left(97, 1), null]);
    });
  });

  test.each([
    { rateLimit: 0 },
    { rateLimit: 1_000_001 },
    { rateLimitBurst: -1 },
    { rateLimitBurst: 1_000_001 },
  ])('the database refuses %j', async (limits) => {
    await expect(makeKey(limits)).rejects.toThrow();
  });
});

test('with a burst, an empty bucket promises one ticket soon, not the whole bucket', async () => {
  await prisma.apiKey.updateMany({ where: { shopId: shop.id }, data: { rateLimit: 1, rateLimitBurst: 4 } });
  const states: unknown[] = [];
  for (let count = 1; count <= 6; count += 1) states.push(limitsOf(await throughRest()).slice(2));
  expect(states).toEqual([
    [left(4, 1), null],
    [left(3, 2), null],
    [left(2, 3), null],
    [left(1, 4), null],
    [left(0, 1), null],
    [left(0, 1), '1'],
  ]);
});
