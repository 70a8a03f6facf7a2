import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { hashKeyText, mintKeyText } from '../src/auth/key-text.ts';
import { readConfig } from '../src/config.ts';
import { listen } from '../src/server.ts';
import { eventually } from './helpers/eventually.ts';
import { makeShop, startGateway } from './helpers/gateway.ts';

let now = 0;
const { trustedProxies } = readConfig({ TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8,fd00::/8' });
const gateway = await startGateway({ authFailureLimit: 3, trustedProxies, clock: () => now });
const { prisma } = gateway.database;
const body = '{"query":"{ __typename }"}';

// Connections that seem to come from the address that a header names.
const FROM = 'x-test-from';
const server = createServer((request, response) => {
  Object.defineProperty(request.socket, 'remoteAddress', {
    value: request.headers[FROM],
    configurable: true,
  });
  void gateway.gateway(request, response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => server.close());
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

// By then the bucket of every address is full again.
beforeEach(() => {
  vi.restoreAllMocks();
  now += 60_000;
});

interface Knock {
  readonly key?: string;
  readonly from?: string;
  readonly forwardedFor?: string | undefined;
  readonly path?: string;
}

/** Sends a request with a key, an unknown one by default, as if over a connection from an address. */
async function knock({
  key = mintKeyText(),
  from = '192.0.2.1',
  forwardedFor,
  path = '/graphql',
}: Knock = {}) {
  const headers = new Headers({
    'content-type': 'application/json',
    'x-api-key': key,
    'x-request-id': 'test',
    [FROM]: from,
  });
  if (forwardedFor !== undefined) headers.set('x-forwarded-for', forwardedFor);
  const response = await fetch(`${address}${path}`, { method: 'POST', headers, body });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    policy: response.headers.get('ratelimit-policy'),
    limit: response.headers.get('ratelimit'),
    body: await response.json(),
  };
}

const statusesOf = async (knocks: readonly Knock[]) => {
  const statuses: number[] = [];
  for (const one of knocks) statuses.push((await knock(one)).status);
  return statuses;
};

test.each([
  [
    '/graphql',
    (code: string, message: string) => ({ errors: [{ message, extensions: { code, requestId: 'test' } }] }),
  ],
  ['/api/v1/tickets', (code: string, error: string) => ({ error, code, requestId: 'test' })],
])('%s: past the limit of an address an unknown key is 429, and is not looked up', async (path, refusal) => {
  const lookUp = vi.spyOn(prisma.apiKey, 'findUnique');
  const unknown = refusal('INVALID_API_KEY', 'Unauthorized - Invalid API key');
  const policy = '"invalid-credentials";q=3;w=60';
  const left = (remaining: number, seconds: number) => `"invalid-credentials";r=${remaining};t=${seconds}`;
  for (const limit of [left(2, 20), left(1, 40), left(0, 20)]) {
    expect(await knock({ path })).toEqual({ status: 401, retryAfter: null, policy, limit, body: unknown });
  }
  const refused = refusal('RATE_LIMITED', 'Too many requests with an invalid API key or token');
  expect(await knock({ path })).toEqual({
    status: 429,
    retryAfter: '20',
    policy,
    limit: left(0, 20),
    body: refused,
  });
  expect(lookUp).toHaveBeenCalledTimes(3);
  now += 20_000;
  expect(await knock({ path })).toMatchObject({ status: 401 });
  expect(await knock({ path })).toMatchObject({ status: 429 });
});

test('whoever has no key is told how many invalid ones may come from his address', async () => {
  expect(await statusesOf([{}, {}])).toEqual([401, 401]);
  expect(await knock({ key: ' ' })).toMatchObject({ status: 401, limit: '"invalid-credentials";r=1;t=40' });
  const elsewhere = await knock({ key: ' ', from: '198.51.100.1' });
  expect(elsewhere).toMatchObject({ status: 401, limit: '"invalid-credentials";r=3;t=0' });
});

test('keys that need no look-up to be refused count like any other', async () => {
  const key = mintKeyText();
  const damaged = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;
  expect(await statusesOf([{ key }, { key }, { key: damaged }, { key: damaged }, { key }])).toEqual([
    401, 401, 401, 429, 429,
  ]);
});

test('a request without a key is no failure: there is nothing to guess with', async () => {
  const withoutKey = { key: ' ' };
  expect(await statusesOf([withoutKey, withoutKey, withoutKey, withoutKey, {}])).toEqual([
    401, 401, 401, 401, 401,
  ]);
});

test('many guesses at once are no more than one after another', async () => {
  const lookUp = vi.spyOn(prisma.apiKey, 'findUnique');
  const answers = await Promise.all(Array.from({ length: 50 }, () => knock()));
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(3);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(47);
  expect(lookUp).toHaveBeenCalledTimes(3);
});

test('a good key is never a failure, however many requests bring it first at once', async () => {
  const { key } = await makeShop(gateway.database);
  const answers = await Promise.all(Array.from({ length: 50 }, () => knock({ key })));
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
  expect(await statusesOf([{}, {}, {}, {}])).toEqual([401, 401, 401, 429]);
});

test('of good keys none is refused because many come first at once', async () => {
  const shops = await Promise.all(Array.from({ length: 10 }, () => makeShop(gateway.database)));
  const answers = await Promise.all(shops.map((shop) => knock(shop)));
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  const guesses = Array.from({ length: 10 }, () => knock());
  const more = await Promise.all(Array.from({ length: 5 }, () => makeShop(gateway.database)));
  const mixed = await Promise.all([...guesses, ...more.map((shop) => knock(shop))]);
  const statuses = mixed.map(({ status }) => status);
  expect(statuses.slice(0, 10).sort()).toEqual([401, 401, 401, ...Array(7).fill(429)]);
});

test('a key that was good before passes whatever others at its address do, also when it has to be looked up', async () => {
  const [shop, newcomer] = [await makeShop(gateway.database), await makeShop(gateway.database)];
  expect(await knock(shop)).toMatchObject({ status: 200 });
  expect(await statusesOf([{}, {}, {}, {}])).toEqual([401, 401, 401, 429]);
  expect(await knock(shop)).toMatchObject({ status: 200 });
  const later = performance.now() + 6_000;
  vi.spyOn(performance, 'now').mockImplementation(() => later);
  const lookUp = vi.spyOn(prisma.apiKey, 'findUnique');
  await eventually(async () => {
    expect(await knock(shop)).toMatchObject({ status: 200 });
    expect(lookUp).toHaveBeenCalledTimes(1);
  });
  expect(await knock(newcomer)).toMatchObject({ status: 429 });
  expect(lookUp).toHaveBeenCalledTimes(1);
});

test('of guesses, wherever they come from, two are looked up at a time, and a key that was good before waits for none', async () => {
  const shop = await makeShop(gateway.database);
  expect(await knock(shop)).toMatchObject({ status: 200 });
  const later = performance.now() + 6_000;
  vi.spyOn(performance, 'now').mockImplementation(() => later);
  let open = () => {};
  const gate = new Promise<null>((resolve) => {
    open = () => resolve(null);
  });
  const { findUnique } = prisma.apiKey;
  const isOfShop = (hash: unknown) => hash === hashKeyText(shop.key);
  const lookUp = vi
    .spyOn(prisma.apiKey, 'findUnique')
    .mockImplementation(((query: Parameters<typeof findUnique>[0]) =>
      isOfShop(query.where.hash) ? findUnique(query) : gate) as never);
  const guesses = Array.from({ length: 10 }, (_, index) => knock({ from: `198.51.100.${index}` }));
  await eventually(() => expect(lookUp).toHaveBeenCalledTimes(2));
  expect(await knock(shop)).toMatchObject({ status: 200 });
  expect(lookUp).toHaveBeenCalledTimes(3);
  open();
  const answers = await Promise.all(guesses);
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(401));
  expect(lookUp).toHaveBeenCalledTimes(11);
});

test('a key that was good and is revoked is a failure from then on', async () => {
  const shop = await makeShop(gateway.database);
  expect(await knock(shop)).toMatchObject({ status: 200 });
  await prisma.apiKey.updateMany({ where: { shopId: shop.id }, data: { revokedAt: new Date() } });
  const later = performance.now() + 6_000;
  vi.spyOn(performance, 'now').mockImplementation(() => later);
  await eventually(async () => expect(await knock(shop)).toMatchObject({ status: 401 }));
  expect(await statusesOf([shop, shop, shop])).toEqual([401, 401, 429]);
});

test('a key that has expired is a failure', async () => {
  const shop = await makeShop(gateway.database);
  await prisma.apiKey.updateMany({ where: { shopId: shop.id }, data: { expiresAt: new Date(0) } });
  expect(await statusesOf([shop, shop, shop, shop])).toEqual([401, 401, 401, 429]);
});

test('a database that does not answer makes no key a failure', async () => {
  const outage = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const lookUp = vi.spyOn(prisma.apiKey, 'findUnique').mockRejectedValue(outage);
  expect(await statusesOf([{}, {}, {}, {}, {}])).toEqual([503, 503, 503, 503, 503]);
  lookUp.mockRestore();
  expect(await statusesOf([{}, {}, {}, {}])).toEqual([401, 401, 401, 429]);
});

describe('failures are counted together', () => {
  test.each<[string, Knock, Knock]>([
    ['from one address', { from: '192.0.2.1' }, { from: '192.0.2.1' }],
    ['from one address, also written as IPv6', { from: '192.0.2.1' }, { from: '::ffff:192.0.2.1' }],
    ['from one IPv6 network', { from: '2001:db8:0:1::1' }, { from: '2001:db8:0:1:ffff:ffff:ffff:ffff' }],
    ['from one link-local network', { from: 'fe80::1%eth0' }, { from: 'fe80::2%eth0' }],
    ['whatever a client says of itself', { forwardedFor: '198.51.100.1' }, { forwardedFor: '198.51.100.2' }],
    [
      'of one client behind a proxy',
      { from: '10.0.0.1', forwardedFor: '198.51.100.1' },
      { from: '10.0.0.2', forwardedFor: '198.51.100.1' },
    ],
    [
      'of one client behind several proxies, whatever it says of itself',
      { from: '10.0.0.1', forwardedFor: '203.0.113.1, 198.51.100.1, 10.0.0.3' },
      { from: '10.0.0.1', forwardedFor: '203.0.113.2,198.51.100.1,fd00::1' },
    ],
    [
      'of one client whose proxy adds its port',
      { from: '10.0.0.1', forwardedFor: '198.51.100.1:1234' },
      { from: '10.0.0.1', forwardedFor: '198.51.100.1:5678' },
    ],
    [
      'of one client with IPv6 whose proxy adds its port',
      { from: '10.0.0.1', forwardedFor: '[2001:db8::1]:1234' },
      { from: '10.0.0.1', forwardedFor: '2001:DB8:0:0:5:6:7:8' },
    ],
    [
      'behind a proxy that sends no address',
      { from: '10.0.0.1', forwardedFor: '198.51.100.1, unknown' },
      { from: '10.0.0.1', forwardedFor: '198.51.100.2, _hidden, , 10.0.0.1.1, [::' },
    ],
    ['behind a proxy that sends nothing', { from: '10.0.0.1' }, { from: '10.0.0.1', forwardedFor: '' }],
    ['of a proxy itself', { from: '10.0.0.1', forwardedFor: '10.0.0.2' }, { from: '10.0.0.2' }],
    [
      'of all that come through more proxies than stand behind one another',
      { from: '10.0.0.1', forwardedFor: `198.51.100.1${', 10.0.0.1'.repeat(32)}` },
      { from: '10.0.0.1', forwardedFor: `198.51.100.2${', 10.0.0.1'.repeat(1_000)}` },
    ],
    ['over no connection', { from: '' }, { from: '', forwardedFor: '198.51.100.1' }],
  ])('%s', async (_, one, other) => {
    expect(await statusesOf([one, other, one, other])).toEqual([401, 401, 401, 429]);
  });
});

describe('failures are counted apart', () => {
  test.each<[string, Knock, Knock]>([
    ['from two addresses', { from: '192.0.2.1' }, { from: '192.0.2.2' }],
    ['from two IPv6 networks', { from: '2001:db8:0:1::1' }, { from: '2001:db8:0:2::1' }],
    ['from two addresses, written as IPv6', { from: '::ffff:192.0.2.1' }, { from: '::ffff:192.0.2.2' }],
    [
      'of two clients behind a proxy',
      { from: '10.0.0.1', forwardedFor: '198.51.100.1' },
      { from: '::ffff:10.0.0.1', forwardedFor: '198.51.100.2' },
    ],
    [
      'of two clients with IPv6 behind a proxy',
      { from: 'fd00::1', forwardedFor: '2001:db8:0:1::1' },
      { from: 'fd00::1', forwardedFor: '2001:db8:0:2::1' },
    ],
  ])('%s', async (_, one, other) => {
    expect(await statusesOf([one, one, one, other, one, other])).toEqual([401, 401, 401, 401, 429, 401]);
  });
});

test('over a socket the address is that of the connection, and a proxy at it is believed when it is trusted', async () => {
  const server = await listen(gateway.gateway, 0, '127.0.0.1');
  const statusFor = async (forwardedFor: string) => {
    const headers = {
      'content-type': 'application/json',
      'x-api-key': mintKeyText(),
      'x-forwarded-for': forwardedFor,
    };
    return (await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })).status;
  };
  const statuses: number[] = [];
  for (const client of [1, 1, 1, 1, 2]) statuses.push(await statusFor(`198.51.100.${client}`));
  await server.drain(1000);
  expect(statuses).toEqual([401, 401, 401, 429, 401]);
});

test.each([
  '10.0.0.0/33',
  'proxy.example',
  '10.0.0.1,',
  '::1/129',
  'fe80::1%eth0',
  '10.0.0.0/8/8',
  '10.0.0.0/',
])('the trusted proxies %s are refused', (networks) => {
  expect(() => readConfig({ TRUSTED_PROXIES: networks })).toThrow(
    'TRUSTED_PROXIES must be IP addresses or networks such as 10.0.0.0/8, separated by commas',
  );
});
