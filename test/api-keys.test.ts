import { afterAll, describe, expect, test, vi } from 'vitest';
import { createApiKey, revokeApiKey } from '../src/auth/api-keys.ts';
import { hashKeyText, isDamagedKeyText, mintKeyText } from '../src/auth/key-text.ts';
import { listen } from '../src/server.ts';
import { closeShop } from '../src/shops/shops.ts';
import { eventually } from './helpers/eventually.ts';
import { makeShop, startGateway } from './helpers/gateway.ts';
import { plantSecret } from './helpers/log-record.ts';
import { openSocket, parseAnswer, postText, readAll } from './helpers/sockets.ts';

const gateway = await startGateway();
const { prisma } = gateway.database;
const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));
const shop = await makeShop(gateway.database);

const doors = [
  ['GraphQL', '/graphql', '{"query":"{ __typename }"}'],
  ['REST', '/api/v1/tickets', JSON.stringify({ customerId: shop.customerId, Channel: 'Mail' })],
] as const;

const post = (path: string, body: string, headers: Record<string, string>) =>
  gateway.send(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'test', ...headers },
    body,
  });

/** The body of a refusal, as the door renders it. */
const refusal = (path: string, code: string, message: string) =>
  path === '/graphql'
    ? { errors: [{ message, extensions: { code, requestId: 'test' } }] }
    : { error: message, code, requestId: 'test' };

const makeKey = async (expiresAt: Date | null = null) => {
  const { id, key } = await createApiKey(prisma, {
    shop: shop.domain,
    name: 'Test',
    scopes: ['tickets:write'],
    expiresAt,
  });
  plantSecret(key);
  return { id, key };
};

describe.each(doors)('%s', (_, path, body) => {
  const accepted = { status: path === '/graphql' ? 200 : 201 };

  test('the key is taken from x-api-key, or when that is absent from Authorization', async () => {
    expect(await post(path, body, { 'x-api-key': shop.key })).toMatchObject(accepted);
    expect(await post(path, body, { authorization: `Bearer ${shop.key}` })).toMatchObject(accepted);
    expect(await post(path, body, { authorization: `bearer  ${shop.key}` })).toMatchObject(accepted);
  });

  test('x-api-key wins over Authorization, good or bad', async () => {
    const good = { 'x-api-key': shop.key, authorization: 'Bearer unknown-key' };
    expect(await post(path, body, good)).toMatchObject(accepted);
    const bad = { 'x-api-key': 'unknown-key', authorization: `Bearer ${shop.key}` };
    expect(await post(path, body, bad)).toMatchObject({ status: 401 });
  });

  test.each<Record<string, string>>([
    {},
    { 'x-api-key': '' },
    { authorization: 'Basic dXNlcjpwYXNz' },
    { authorization: 'Bearer ' },
  ])('no key in %j is 401', async (headers) => {
    const answer = await post(path, body, headers);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(refusal(path, 'MISSING_API_KEY', 'Missing API key'));
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('unknown, damaged, expired and revoked keys are all the same 401', async () => {
    const expired = await makeKey(new Date(Date.now() - 1000));
    const revoked = await makeKey();
    await revokeApiKey(prisma, revoked.id);
    const damaged = `${shop.key.slice(0, -1)}${shop.key.endsWith('0') ? '1' : '0'}`;
    const keys = [
      'unknown-key',
      mintKeyText(),
      damaged,
      'x',
      'ü'.repeat(20),
      'x'.repeat(5000),
      expired.key,
      revoked.key,
    ];
    for (const key of keys) {
      const answer = await post(path, body, { 'x-api-key': key });
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual(refusal(path, 'INVALID_API_KEY', 'Unauthorized - Invalid API key'));
      expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    }
  });

  test('401 precedes whatever is wrong with the body', async () => {
    const answer = await post(path, '{', { 'x-api-key': 'unknown-key', 'content-type': 'text/plain' });
    expect(answer.status).toBe(401);
  });

  test('the keys of a closed shop answer 404, and its tickets stay', async () => {
    const closing = await makeShop(gateway.database);
    const ticket = JSON.stringify({ customerId: closing.customerId, Channel: 'Mail' });
    expect(await post('/api/v1/tickets', ticket, { 'x-api-key': closing.key })).toMatchObject({
      status: 201,
    });
    const { key } = await createApiKey(prisma, {
      shop: closing.domain,
      name: 'Unused until the shop was closed',
      scopes: ['tickets:write'],
      expiresAt: null,
    });
    await closeShop(prisma, closing.domain);
    const answer = await post(path, body, { 'x-api-key': key });
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual(refusal(path, 'SHOP_NOT_FOUND', 'Shop not found'));
    expect(await prisma.ticket.count({ where: { shopId: closing.id } })).toBe(1);
  });
});

test('an imported key works as it is, is stored as its hash alone, and is no request id', async () => {
  const existingKey = 'hw_live_0123456789';
  const created = await createApiKey(prisma, {
    shop: shop.domain,
    name: 'Zapier',
    scopes: ['tickets:write'],
    expiresAt: null,
    existingKey,
  });
  expect(created.key).toBe(existingKey);
  const row = await prisma.apiKey.findUniqueOrThrow({ where: { id: created.id } });
  expect(row.hash).toBe(hashKeyText(existingKey));
  expect(JSON.stringify(row)).not.toContain(existingKey);
  expect(await post('/graphql', doors[0][2], { 'x-api-key': existingKey })).toMatchObject({ status: 200 });
  const idOf = async (id: string) =>
    (await gateway.send('/health', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
  expect(await idOf('hw_live_other')).toBe('hw_live_other');
  // It is in use now, so that it must not come into the log by another's request either.
  expect(await idOf(existingKey)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test('a minted key has its mark, 192 random bits and a checksum that every slip of the pen breaks', () => {
  const keys = Array.from({ length: 1000 }, mintKeyText);
  expect(new Set(keys).size).toBe(1000);
  const key = keys[0] ?? '';
  expect(key).toMatch(/^tgw_[A-Za-z0-9_-]{32}[0-9a-f]{8}$/);
  expect(isDamagedKeyText(key)).toBe(false);
  for (let position = 4; position < key.length; position += 1) {
    const slip = key[position] === 'a' ? 'b' : 'a';
    expect(isDamagedKeyText(key.slice(0, position) + slip + key.slice(position + 1))).toBe(true);
  }
});

test('a key in use costs no query, and once revoked it stops working within ten seconds', async () => {
  const { id, key } = await makeKey();
  const statusOfRequest = async () => (await post('/graphql', doors[0][2], { 'x-api-key': key })).status;
  const lookUp = vi.spyOn(prisma.apiKey, 'findUnique');
  expect(await Promise.all(Array.from({ length: 50 }, statusOfRequest))).toEqual(Array(50).fill(200));
  expect(await Promise.all(Array.from({ length: 50 }, statusOfRequest))).toEqual(Array(50).fill(200));
  expect(lookUp).toHaveBeenCalledTimes(1);
  lookUp.mockRestore();
  await revokeApiKey(prisma, id);
  await eventually(async () => expect(await statusOfRequest()).toBe(401), { timeout: 10_000, interval: 100 });
});

test.each(doors)('%s: a key that is revoked while the body comes is refused', async (_, path, body) => {
  const { id, key } = await makeKey();
  const head = postText(path, body, [`X-Api-Key: ${key}`, 'X-Request-Id: test', 'Connection: close']);
  const [start, end] = [head.slice(0, -5), head.slice(-5)];
  const socket = await openSocket(server.url);
  socket.write(start);
  await eventually(async () => {
    expect(await prisma.apiKey.findUnique({ where: { id } })).not.toMatchObject({ lastUsedAt: null });
  });
  await revokeApiKey(prisma, id);
  const later = performance.now() + 6_000;
  vi.spyOn(performance, 'now').mockImplementation(() => later);
  socket.write(end);
  const answer = parseAnswer(await readAll(socket));
  vi.restoreAllMocks();
  const refused = refusal(path, 'INVALID_API_KEY', 'Unauthorized - Invalid API key');
  expect([answer.status, JSON.parse(answer.body)]).toEqual([401, refused]);
});

test('a key that expires while it is remembered stops at once', async () => {
  const { key } = await makeKey(new Date(Date.now() + 1500));
  const request = () => post('/graphql', doors[0][2], { 'x-api-key': key });
  expect(await request()).toMatchObject({ status: 200 });
  vi.setSystemTime(Date.now() + 2000);
  expect(await request()).toMatchObject({ status: 401 });
  vi.useRealTimers();
});

test('a key that was tried before it was imported works soon after', async () => {
  const existingKey = 'tried-before-it-was-imported';
  const request = () => post('/graphql', doors[0][2], { 'x-api-key': existingKey });
  expect(await request()).toMatchObject({ status: 401 });
  await createApiKey(prisma, { shop: shop.domain, name: 'Import', scopes: [], expiresAt: null, existingKey });
  await eventually(async () => expect(await request()).toMatchObject({ status: 200 }), {
    interval: 100,
    timeout: 5000,
  });
});

test('when a key was last used is recorded', async () => {
  const { id, key } = await makeKey();
  await post('/graphql', doors[0][2], { 'x-api-key': key });
  await eventually(async () => {
    expect((await prisma.apiKey.findUniqueOrThrow({ where: { id } })).lastUsedAt).toBeInstanceOf(Date);
  });
});

test('the uses of keys are recorded with one statement at a time, whatever comes of the one before', async () => {
  const keys = await Promise.all(Array.from({ length: 5 }, () => makeKey()));
  let fail = (_: Error) => {};
  const record = vi.spyOn(prisma, '$executeRaw').mockImplementationOnce((() => {
    return new Promise((_, reject) => {
      fail = reject;
    });
  }) as never);
  const use = ({ key }: { key: string }) => post('/graphql', doors[0][2], { 'x-api-key': key });
  for (const key of keys) expect(await use(key)).toMatchObject({ status: 200 });
  expect(record).toHaveBeenCalledTimes(1);
  fail(new Error('Query read timeout'));
  const where = { id: { in: keys.map(({ id }) => id) }, lastUsedAt: null };
  await eventually(async () => expect(await prisma.apiKey.count({ where })).toBe(1));
  expect(record).toHaveBeenCalledTimes(2);
  record.mockRestore();
});
