import { beforeEach, describe, expect, test, vi } from 'vitest';
import { closeShop } from '../src/shops/shops.ts';
import { eventually } from './helpers/eventually.ts';
import { createTestGateway, makeShop, startGateway } from './helpers/gateway.ts';
import { startIssuer } from './helpers/issuer.ts';
import { plantSecret } from './helpers/log-record.ts';
import {
  claimsFor,
  inSeconds,
  makeSigningKey,
  openVerifier,
  type Signer,
  type SigningKey,
  signToken,
} from './helpers/tokens.ts';

const [rsa, ec, ec384, ed] = (['RS256', 'ES256', 'ES384', 'EdDSA'] as const).map(makeSigningKey) as [
  SigningKey,
  SigningKey,
  SigningKey,
  SigningKey,
];
const SECRET = 'a secret of sixty-four bytes and more, as HS512 wants it to be: yes';
const byKey = async () => {
  const issuer = await startIssuer(rsa, ec, ec384, ed);
  return (await openVerifier({ keySetUrl: issuer.keySetUrl })).verifyToken;
};

const gateway = await startGateway({ verifyToken: await byKey() });
const { database } = gateway;
const bySecret = await createTestGateway(database, {
  verifyToken: (await openVerifier({ secret: SECRET })).verifyToken,
});
const shop = await makeShop(database);
const other = await makeShop(database);

beforeEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  gateway.log.length = 0;
});

const doors = [
  ['/graphql', '{"query":"{ shop { domain } }"}', 200],
  ['/api/v1/tickets', JSON.stringify({ customerId: shop.customerId, Channel: 'Mail' }), 201],
] as const;

const post = (
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  to = gateway,
): ReturnType<typeof gateway.send> =>
  to.send(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'test', ...headers },
    body,
  });

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Asks the GraphQL door which shop a token is for. */
const ask = (token: string, to = gateway) => post(doors[0][0], doors[0][1], bearer(token), to);

/** The body of a refusal, as the door renders it. */
const refusal = (path: string, code: string, message: string) =>
  path === '/graphql'
    ? { errors: [{ message, extensions: { code, requestId: 'test' } }] }
    : { error: message, code, requestId: 'test' };

const good = (signer: Signer = rsa, changes: object = {}) => signToken(claimsFor(shop, changes), signer);

const damaged = (token: string, index: number) => {
  const parts = token.split('.');
  const part = parts[index] ?? '';
  parts[index] = `${part.slice(0, 9)}${part[9] === 'A' ? 'B' : 'A'}${part.slice(10)}`;
  return parts.join('.');
};

describe.each(doors)('%s', (path, body, status) => {
  test.each([rsa, ec, ec384, ed])(
    'a token that is signed by $alg with a published key is taken',
    async (key) => {
      const answer = await post(path, body, bearer(good(key)));
      expect(answer.status).toBe(status);
      expect(JSON.stringify(answer.body)).toContain(shop.domain);
    },
  );

  test.each(['HS256', 'HS384', 'HS512'])(
    'a token that is signed by %s with the secret is taken',
    async (alg) => {
      const answer = await post(path, body, bearer(good({ alg, key: SECRET })), bySecret);
      expect(answer.status).toBe(status);
    },
  );

  const unsigned = 'The token is malformed, or its signature is not valid';
  const algorithm = 'The token is signed with an algorithm that is not taken';
  const unpublished = makeSigningKey('RS256');
  const publicKey = JSON.stringify(rsa.jwk);
  test.each<[string, string, string]>([
    ['has expired', 'The token has expired', good(rsa, { exp: inSeconds(-11) })],
    ['is not valid yet', 'The token is not valid yet', good(rsa, { nbf: inSeconds(3600) })],
    ['is of another issuer', 'The token is of another issuer', good(rsa, { iss: 'https://evil.example/' })],
    ['is for another audience', 'The token is for another audience', good(rsa, { aud: ['a', 'b'] })],
    ['never expires', 'The claim exp is missing', good(rsa, { exp: undefined })],
    ['expires at no number', 'The claim exp must be a number', good(rsa, { exp: `${inSeconds(3600)}` })],
    ['has no issuer', 'The claim iss is missing', good(rsa, { iss: undefined })],
    ['has no audience', 'The claim aud is missing', good(rsa, { aud: undefined })],
    ['has no subject', 'The claim sub is missing', good(rsa, { sub: undefined })],
    ['has a subject that is no text', 'The claim sub must be a text', good(rsa, { sub: 5 })],
    ['names no shop', 'The claim shop is missing', good(rsa, { shop: undefined })],
    ['names a shop that is no text', 'The claim shop must be a text', good(rsa, { shop: { $ne: '' } })],
    ['names a shop with NUL', 'The claim shop must be a text', good(rsa, { shop: `${shop.domain}\0` })],
    [
      'has scopes that are none',
      'The claim scope must be a text or a list of texts',
      good(rsa, { scope: 5 }),
    ],
    [
      'names an agent that is none',
      'The claim agent must be the number of an agent',
      good(rsa, { agent: 'x' }),
    ],
    [
      'names an agent beyond 32 bits',
      'The claim agent must be the number of an agent',
      good(rsa, { agent: 2 ** 31 }),
    ],
    [
      "names another shop's agent",
      'The shop has no agent with the number in the token',
      good(rsa, { agent: other.agentId }),
    ],
    ['is signed with a key that is not published', unsigned, good(unpublished)],
    ['says that another key signed it', unsigned, good({ ...unpublished, kid: `${rsa.kid}` })],
    ['was changed after it was signed', unsigned, damaged(good(), 1)],
    ['has another signature', unsigned, damaged(good(), 2)],
    ['has lost its signature', unsigned, good().replace(/[^.]*$/, '')],
    ['is not signed', algorithm, good({ alg: 'none', key: '' })],
    [
      'is signed with the public key as a secret',
      algorithm,
      good({ alg: 'HS256', kid: `${rsa.kid}`, key: publicKey }),
    ],
    ['is signed with the secret of others', algorithm, good({ alg: 'HS256', key: SECRET })],
    [
      'brings its own key',
      unsigned,
      signToken(claimsFor(shop), { ...unpublished, kid: '' }, { jwk: unpublished.jwk }),
    ],
    [
      'has an extension that must be understood',
      unsigned,
      signToken(claimsFor(shop), rsa, { crit: ['x'], x: 1 }),
    ],
    ['has no claims', unsigned, signToken('claims', rsa)],
    ['names no algorithm', unsigned, signToken(claimsFor(shop), rsa, { alg: undefined })],
  ])('a token that %s is 401, and told why', async (_, message, token) => {
    const answer = await post(path, body, bearer(token));
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(refusal(path, 'INVALID_TOKEN', message));
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer error="invalid_token", error_description="${message}"`,
    );
    expect(answer.headers.get('ratelimit')).toMatch(/^"invalid-credentials";r=\d+;t=\d+$/);
  });

  test.each<[string, string]>([
    ['a published key', good(rsa)],
    ['none', good({ alg: 'none', key: '' })],
  ])('where a secret signs, a token with %s is 401', async (_, token) => {
    const answer = await post(path, body, bearer(token), bySecret);
    expect([answer.status, answer.body]).toEqual([401, refusal(path, 'INVALID_TOKEN', algorithm)]);
  });

  test('where a secret signs, a token that another one signed is 401', async () => {
    const answer = await post(path, body, bearer(good({ alg: 'HS256', key: `${SECRET}!` })), bySecret);
    expect([answer.status, answer.body]).toEqual([401, refusal(path, 'INVALID_TOKEN', unsigned)]);
  });

  test('a token for a shop that is not there is 404, as one for a closed shop is', async () => {
    const closed = await makeShop(database);
    await closeShop(database.prisma, closed.domain);
    for (const domain of [closed.domain, 'nowhere.example']) {
      const answer = await post(path, body, bearer(good(rsa, { shop: domain })));
      expect([answer.status, answer.body]).toEqual([404, refusal(path, 'SHOP_NOT_FOUND', 'Shop not found')]);
    }
  });

  test('x-api-key wins over a token, good or bad, and holds none itself', async () => {
    const token = good(rsa, { shop: other.domain });
    const byApiKey = await post(path, body, { 'x-api-key': shop.key, ...bearer(token) });
    expect(byApiKey.status).toBe(status);
    expect(JSON.stringify(byApiKey.body)).toContain(shop.domain);
    const asApiKey = await post(path, body, { 'x-api-key': good() });
    const message = 'Unauthorized - Invalid API key';
    expect([asApiKey.status, asApiKey.body]).toEqual([401, refusal(path, 'INVALID_API_KEY', message)]);
  });

  test('an Authorization that is no token is an API key still', async () => {
    expect(await post(path, body, bearer(shop.key))).toMatchObject({ status });
    const message = 'Unauthorized - Invalid API key';
    for (const text of ['a.b.c', 'W10.e30.x', 'unknown-key', `${good()}.x`]) {
      const answer = await post(path, body, bearer(text));
      expect([answer.status, answer.body]).toEqual([401, refusal(path, 'INVALID_API_KEY', message)]);
    }
  });

  test('a token is an unknown API key to a gateway that takes none', async () => {
    const answer = await post(path, body, bearer(good()), await createTestGateway(database));
    const message = 'Unauthorized - Invalid API key';
    expect([answer.status, answer.body]).toEqual([401, refusal(path, 'INVALID_API_KEY', message)]);
  });

  test("a token does not reach another shop's customer", async () => {
    const body = JSON.stringify({ customerId: other.customerId, Channel: 'Mail' });
    const answer = await post('/api/v1/tickets', body, bearer(good()));
    expect(answer).toMatchObject({ status: 404, body: { code: 'CUSTOMER_NOT_FOUND' } });
  });
});

test.each<[string, object]>([
  ['as a text', { scope: 'tickets:read profile' }],
  ['as a list', { scope: ['tickets:read', 'profile'] }],
])('scopes are taken %s, and what they do not allow is 403', async (_, changes) => {
  const token = good(rsa, changes);
  const [path, body] = doors[1];
  expect(await ask(token)).toMatchObject({ status: 200 });
  const answer = await post(path, body, bearer(token));
  const message = 'The token lacks the scope tickets:write';
  expect([answer.status, answer.body]).toEqual([403, refusal(path, 'FORBIDDEN', message)]);
});

test.each<[string, object]>([
  ['no scopes', { scope: undefined }],
  ['empty scopes', { scope: '' }],
])('a token with %s may do what needs none', async (_, changes) => {
  expect(await ask(good(rsa, changes))).toMatchObject({ status: 200 });
  expect(await post(doors[1][0], doors[1][1], bearer(good(rsa, changes)))).toMatchObject({ status: 403 });
});

test.each<[string, () => object]>([
  ['an audience among several', () => ({ aud: ['https://other.example', 'https://tickets.example'] })],
  ['a domain in capitals', () => ({ shop: shop.domain.toUpperCase() })],
  ['an expiry that a slow clock may still see', () => ({ exp: inSeconds(-5) })],
  ['a beginning that a slow clock does not see yet', () => ({ nbf: inSeconds(5) })],
  ['an agent of the shop', () => ({ agent: shop.agentId })],
  ['an agent of the shop in digits', () => ({ agent: `${shop.agentId}` })],
  ['no agent', () => ({ agent: null })],
])('%s is taken', async (_, changesOf) => {
  expect(await ask(good(rsa, changesOf()))).toMatchObject({
    status: 200,
    body: { data: { shop: { domain: shop.domain } } },
  });
});

test('a secret of 32 bytes signs by HS256 alone, for the others want longer ones', async () => {
  const secret = 'x'.repeat(32);
  const to = await createTestGateway(database, { verifyToken: (await openVerifier({ secret })).verifyToken });
  expect(await ask(good({ alg: 'HS256', key: secret }), to)).toMatchObject({ status: 200 });
  expect(await ask(good({ alg: 'HS384', key: secret }), to)).toMatchObject({ status: 401 });
  expect(await ask(good({ alg: 'HS512', key: secret }), to)).toMatchObject({ status: 401 });
});

describe('a token in use', () => {
  test('costs neither query nor verification', async () => {
    const lookUp = vi.spyOn(database.prisma.shop, 'findUnique');
    const verify = vi.spyOn(crypto.subtle, 'verify');
    const token = good(rsa, { scope: '' });
    const message = 'The token lacks the scope tickets:write';
    for (let count = 0; count < 5; count += 1) {
      const answer = await post(doors[1][0], doors[1][1], bearer(token));
      expect(answer.body).toEqual(refusal(doors[1][0], 'FORBIDDEN', message));
    }
    expect([lookUp.mock.calls.length, verify.mock.calls.length]).toEqual([1, 1]);
  });

  test('is looked up once for all who bring it at the same time', async () => {
    const lookUp = vi.spyOn(database.prisma.shop, 'findUnique');
    const token = good();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    // By its domain; the query itself finds it by its number.
    expect(lookUp.mock.calls.filter(([{ where }]) => where.domain !== undefined)).toHaveLength(1);
  });

  test('stops when it expires', async () => {
    const token = good(rsa, { exp: inSeconds(1) });
    expect(await ask(token)).toMatchObject({ status: 200 });
    vi.setSystemTime(Date.now() + 12_000);
    expect((await ask(token)).body).toEqual(refusal('/graphql', 'INVALID_TOKEN', 'The token has expired'));
  });

  test('stops within five seconds when its shop is closed', async () => {
    const closing = await makeShop(database);
    const token = good(rsa, { shop: closing.domain });
    expect(await ask(token)).toMatchObject({ status: 200 });
    await closeShop(database.prisma, closing.domain);
    const later = performance.now() + 5_001;
    vi.spyOn(performance, 'now').mockImplementation(() => later);
    await eventually(async () => expect(await ask(token)).toMatchObject({ status: 404 }));
  });
});

test('every subject of a shop has one bucket, whichever of its tokens it sends', async () => {
  const limited = await createTestGateway(database, {
    verifyToken: await byKey(),
    rateLimit: { rate: 2, capacity: 2 },
    clock: () => 0,
  });
  const send = (changes: object, customerId = shop.customerId) =>
    post(
      '/api/v1/tickets',
      JSON.stringify({ customerId, Channel: 'Mail' }),
      bearer(good(rsa, changes)),
      limited,
    );
  const first = await send({});
  expect([first.status, first.headers.get('ratelimit')]).toEqual([201, '"tickets";r=1;t=1']);
  expect(await send({})).toMatchObject({ status: 201 });
  const third = await send({});
  const message = 'Too many tickets: the token may create 2 a second';
  expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1']);
  expect(third.body).toEqual(refusal('/api/v1/tickets', 'RATE_LIMITED', message));
  expect(await send({ sub: 'another' })).toMatchObject({ status: 201 });
  expect(await send({ shop: other.domain }, other.customerId)).toMatchObject({ status: 201 });
  const byApiKey = await post('/api/v1/tickets', doors[1][1], { 'x-api-key': shop.key }, limited);
  expect(byApiKey.status).toBe(201);
});

test('the log tells whose token it was by a hash of the subject, and of no token and no person more', async () => {
  const sub = 'auth0|grace@people.example';
  plantSecret(sub);
  await ask(good(rsa, { sub, agent: shop.agentId }));
  await ask(good(rsa, { sub, iss: 'https://evil.example/' }));
  await gateway.send(`/graphql?access_token=${good(rsa, { sub })}`, { headers: bearer(good(rsa, { sub })) });
  await gateway.send('/health', {
    headers: { 'x-request-id': good(rsa, { sub }), ...bearer(good(rsa, { sub })) },
  });
  const measured = { time: expect.any(Number), milliseconds: expect.any(Number) };
  const line = { ...measured, level: 30, msg: 'request', requestId: expect.any(String) };
  const atDoor = { ...line, door: 'graphql', path: '/graphql' };
  expect(gateway.log).toEqual([
    {
      ...atDoor,
      method: 'POST',
      status: 200,
      shop: shop.domain,
      // printf %s 'auth0|grace@people.example' | sha256sum | cut -c -16
      subject: '42e195bbca038562',
      agentId: shop.agentId,
    },
    { ...atDoor, method: 'POST', status: 401, code: 'INVALID_TOKEN' },
    {
      ...atDoor,
      method: 'GET',
      status: 400,
      code: 'BAD_USER_INPUT',
      shop: shop.domain,
      subject: expect.any(String),
    },
    { ...line, level: 20, method: 'GET', path: '/health', status: 200 },
  ]);
});

describe('failures', () => {
  const limited = async () =>
    createTestGateway(database, { verifyToken: await byKey(), authFailureLimit: 3, clock: () => 0 });
  const statusesOf = async (tokens: readonly string[], to: typeof gateway) => {
    const statuses: number[] = [];
    for (const token of tokens) statuses.push((await ask(token, to)).status);
    return statuses;
  };
  const bad = () => damaged(good(), 2);

  test('are limited by address, and no token is verified past the limit but one that was good before', async () => {
    const to = await limited();
    const known = good();
    expect(await ask(known, to)).toMatchObject({ status: 200 });
    expect(await statusesOf([bad(), bad(), bad()], to)).toEqual([401, 401, 401]);
    const verify = vi.spyOn(crypto.subtle, 'verify');
    const refused = await ask(bad(), to);
    const message = 'Too many requests with an invalid API key or token';
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '20']);
    expect(refused.body).toEqual(refusal('/graphql', 'RATE_LIMITED', message));
    expect(await statusesOf([good(), known], to)).toEqual([429, 200]);
    expect(verify).not.toHaveBeenCalled();
    const later = performance.now() + 6_000;
    vi.spyOn(performance, 'now').mockImplementation(() => later);
    expect(await ask(known, to)).toMatchObject({ status: 200 });
  });

  test('count together with those of API keys', async () => {
    const to = await limited();
    const apiKey = () => post('/graphql', doors[0][1], { 'x-api-key': 'unknown-key' }, to);
    expect(await statusesOf([bad(), bad()], to)).toEqual([401, 401]);
    expect((await apiKey()).status).toBe(401);
    expect((await apiKey()).status).toBe(429);
  });

  test('are not what browsers send whose tokens have merely expired', async () => {
    const to = await limited();
    const expired = Array.from({ length: 5 }, (_, index) => good(rsa, { exp: inSeconds(-60 - index) }));
    const token = good(rsa, { exp: inSeconds(1) });
    expect(await statusesOf([...expired, token], to)).toEqual([401, 401, 401, 401, 401, 200]);
    vi.setSystemTime(Date.now() + 12_000);
    expect(await statusesOf([token, token, token, token], to)).toEqual([401, 401, 401, 401]);
  });

  test('are none while the database does not answer', async () => {
    const to = await limited();
    const outage = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const lookUp = vi.spyOn(database.prisma.shop, 'findUnique').mockRejectedValue(outage);
    const token = good();
    expect(await statusesOf([token, token, token, token], to)).toEqual([503, 503, 503, 503]);
    lookUp.mockRestore();
    expect(await statusesOf([token], to)).toEqual([200]);
  });
});
