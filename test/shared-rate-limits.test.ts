import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { hashKeyText } from '../src/auth/key-text.ts';
import type { RateLimit } from '../src/limits/rate-limit.ts';
import { SharedMeter } from '../src/limits/shared-meter.ts';
import { createLogger } from '../src/log.ts';
import { openTestDatabase } from './helpers/database.ts';
import { eventually } from './helpers/eventually.ts';
import {
  type Answer,
  createTestGateway,
  makeShop,
  postGraphQL,
  postTicket,
  type TestShop,
} from './helpers/gateway.ts';
import { plantSecret, recordLog } from './helpers/log-record.ts';
import { prepareRedis } from './helpers/redis.ts';

const database = await openTestDatabase();
afterAll(() => database.close());

// So slow that no token comes back while a test runs.
const slow: RateLimit = { rate: 0.001, capacity: 3 };

/** A gateway on the database of all, whose limits are in a Redis. */
async function startSharing(url: string, rateLimit = slow) {
  const log: string[] = [];
  const write = (line: string) => {
    recordLog(line);
    const { level, msg } = JSON.parse(line);
    log.push(`${level} ${msg}`);
  };
  const meter = await SharedMeter.open(
    url,
    createLogger({ level: 'info', format: 'json', destination: { write } }),
  );
  onTestFinished(() => meter.close());
  return { ...(await createTestGateway(database, { rateLimit, meter })), redisLog: log };
}

const create = (to: Awaited<ReturnType<typeof startSharing>>, shop: TestShop, more: object = {}) =>
  postTicket(to, shop.key, { customerId: shop.customerId, Channel: 'Mail', ...more });
// Real seconds go by: of long times only the hundreds count.
const inHundreds = (text: string | null) =>
  text?.replace(/\d{3,}$/, (seconds) => String(Math.ceil(Number(seconds) / 100) * 100)) ?? null;
const limitsOf = ({ status, headers }: Answer) => [
  status,
  inHundreds(headers.get('ratelimit')),
  inHundreds(headers.get('retry-after')),
];
/** The bucket of a shop's key, and how to let the clock that it is filled by go on, or back, by so many milliseconds. */
function openBucket(url: string, shop: TestShop) {
  const client = new Redis(url);
  onTestFinished(() => client.disconnect());
  const entry = `ticket-gateway:tickets:${hashKeyText(shop.key).slice(0, 32)}`;
  const moveClock = (milliseconds: number) => client.hincrbyfloat(entry, 'countedAt', -milliseconds);
  return { client, entry, moveClock };
}
const statusesOf = async (count: number, ask: () => Promise<Answer>) => {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) statuses.push((await ask()).status);
  return statuses;
};

const away = '40 Redis does not answer: this gateway limits rates by itself meanwhile';
const back = '30 Redis answers again: rates are limited over all gateways';

describe('with Redis', async () => {
  const redis = await prepareRedis();
  beforeAll(redis.start);
  afterAll(() => redis.signal('SIGKILL'));

  test('all gateways take from one bucket', async () => {
    const [one, other] = [await startSharing(redis.url), await startSharing(redis.url)];
    const shop = await makeShop(database);
    expect(limitsOf(await create(one, shop))).toEqual([201, '"tickets";r=2;t=1000', null]);
    expect(limitsOf(await create(other, shop))).toEqual([201, '"tickets";r=1;t=2000', null]);
    expect(limitsOf(await create(one, shop))).toEqual([201, '"tickets";r=0;t=1000', null]);
    const refused = await create(other, shop);
    expect(limitsOf(refused)).toEqual([429, '"tickets";r=0;t=1000', '1000']);
    expect(refused.headers.get('ratelimit-policy')).toBe('"tickets";q=3;w=3000');
    expect(refused.body).toEqual({
      error: 'Too many tickets: the API key may create 0.001 a second',
      code: 'RATE_LIMITED',
      requestId: 'test',
    });
    expect([one.redisLog, other.redisLog]).toEqual([[], []]);
  });

  test('many requests at once create no more tickets than the bucket holds', async () => {
    const gateways = [await startSharing(redis.url), await startSharing(redis.url)];
    const shop = await makeShop(database);
    const answers = await Promise.all(
      gateways.flatMap((gateway) => Array.from({ length: 25 }, () => create(gateway, shop))),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(47);
    expect(await database.prisma.ticket.count({ where: { shopId: shop.id } })).toBe(3);
  });

  test('what creates no ticket takes no token, and a request that takes none is told what is left', async () => {
    const gateway = await startSharing(redis.url);
    const shop = await makeShop(database);
    const whole = '"tickets";r=3;t=0';
    expect(limitsOf(await create(gateway, shop, { customerId: 2_000_000_000 }))).toEqual([404, whole, null]);
    expect(limitsOf(await create(gateway, shop, { Channel: '' }))).toEqual([400, whole, null]);
    await create(gateway, shop);
    const answer = await postGraphQL(gateway, shop.key, '{ shop { id } }');
    expect(limitsOf(answer)).toEqual([200, '"tickets";r=2;t=1000', null]);
  });

  test('the tickets come back steadily, by the clock of Redis', async () => {
    const gateway = await startSharing(redis.url);
    const shop = await makeShop(database);
    expect(await statusesOf(4, () => create(gateway, shop))).toEqual([201, 201, 201, 429]);
    const { client, entry, moveClock } = openBucket(redis.url, shop);
    await moveClock(500_000);
    expect(limitsOf(await create(gateway, shop))).toEqual([429, '"tickets";r=0;t=500', '500']);
    await moveClock(500_000);
    expect(limitsOf(await create(gateway, shop))).toEqual([201, '"tickets";r=0;t=1000', null]);
    // What is whole again needs no entry.
    expect(await client.pttl(entry)).toBeGreaterThan(2_900_000);
    expect(await client.pttl(entry)).toBeLessThanOrEqual(3_000_000);
  });

  test('when the clock of Redis is set back, a bucket fills from then on', async () => {
    const gateway = await startSharing(redis.url);
    const shop = await makeShop(database);
    expect(await statusesOf(3, () => create(gateway, shop))).toEqual([201, 201, 201]);
    const { moveClock } = openBucket(redis.url, shop);
    await moveClock(-3_600_000);
    expect(limitsOf(await create(gateway, shop))).toEqual([429, '"tickets";r=0;t=1000', '1000']);
    await moveClock(1_000_000);
    expect(limitsOf(await create(gateway, shop))).toEqual([201, '"tickets";r=0;t=1000', null]);
  });

  test('every key has a bucket of its own, and its own limits', async () => {
    const gateway = await startSharing(redis.url);
    const [shop, other] = [await makeShop(database), await makeShop(database)];
    await database.prisma.apiKey.updateMany({
      where: { shopId: other.id },
      data: { rateLimit: 2, rateLimitBurst: 3 },
    });
    expect(limitsOf(await create(gateway, shop))[1]).toBe('"tickets";r=2;t=1000');
    const answer = await create(gateway, other);
    expect(answer.headers.get('ratelimit-policy')).toBe('"tickets";q=5;w=3');
    expect(limitsOf(answer)).toEqual([201, '"tickets";r=4;t=1', null]);
  });
});

/** Connections to Redis that can all be lost without either side's knowing, as by a firewall that forgets them. */
async function forgetfulWay(url: string) {
  const connections: Socket[] = [];
  const server = createServer((client) => {
    const redis = connect(Number(new URL(url).port), '127.0.0.1');
    for (const [one, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      one.pipe(other);
      one.on('error', () => {});
      connections.push(one);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const connection of connections) connection.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `redis://127.0.0.1:${port}`,
    forget() {
      for (const connection of connections) connection.unpipe().resume();
    },
  };
}

describe('when Redis goes away', () => {
  test('only its connection is dead: the gateway connects anew, and shares again', async () => {
    const redis = await prepareRedis();
    onTestFinished(() => redis.signal('SIGKILL'));
    await redis.start();
    const way = await forgetfulWay(redis.url);
    const gateway = await startSharing(way.url);
    const shop = await makeShop(database);
    expect(limitsOf(await create(gateway, shop))).toEqual([201, '"tickets";r=2;t=1000', null]);
    way.forget();
    await eventually(async () => {
      await postGraphQL(gateway, shop.key, '{ shop { id } }');
      expect(gateway.redisLog).toEqual([away, back]);
    });
    expect(limitsOf(await create(gateway, shop))).toEqual([201, '"tickets";r=1;t=2000', null]);
  });

  test('killed: the gateway limits by itself, says so once, and shares again when Redis is back', async () => {
    const redis = await prepareRedis();
    onTestFinished(() => redis.signal('SIGKILL'));
    await redis.start();
    const gateway = await startSharing(redis.url);
    const shop = await makeShop(database);
    expect(limitsOf(await create(gateway, shop))).toEqual([201, '"tickets";r=2;t=1000', null]);
    await redis.signal('SIGKILL');
    expect(await statusesOf(5, () => create(gateway, shop))).toEqual([201, 201, 201, 429, 429]);
    await eventually(() => expect(gateway.redisLog).toEqual([away]));
    await redis.start();
    await eventually(
      async () => {
        await postGraphQL(gateway, shop.key, '{ shop { id } }');
        expect(gateway.redisLog).toEqual([away, back]);
      },
      { interval: 50 },
    );
    expect(limitsOf(await create(gateway, shop))).toEqual([201, '"tickets";r=2;t=1000', null]);
  });

  test('frozen: every request is answered, and after the thaw the limits are shared again', async () => {
    const redis = await prepareRedis();
    onTestFinished(() => redis.signal('SIGKILL'));
    await redis.start();
    const gateway = await startSharing(redis.url);
    const shop = await makeShop(database);
    await create(gateway, shop);
    await redis.signal('SIGSTOP');
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(gateway, shop)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(17);
    expect(gateway.redisLog).toEqual([away]);
    await redis.signal('SIGCONT');
    await eventually(
      async () => {
        await postGraphQL(gateway, shop.key, '{ shop { id } }');
        expect(gateway.redisLog).toEqual([away, back]);
      },
      { interval: 50 },
    );
  });

  test('it takes no writes: the gateway limits by itself, says so once, and shares again when it takes them', async () => {
    const redis = await prepareRedis();
    onTestFinished(() => redis.signal('SIGKILL'));
    await redis.start();
    const admin = new Redis(redis.url);
    onTestFinished(() => admin.disconnect());
    const now = performance.now.bind(performance);
    let passed = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + passed);
    onTestFinished(() => clock.mockRestore());
    const gateway = await startSharing(redis.url);
    const shop = await makeShop(database);
    const look = async () => {
      // Until Redis is asked again.
      passed += 2_000;
      expect((await postGraphQL(gateway, shop.key, '{ shop { id } }')).status).toBe(200);
    };
    await admin.config('SET', 'maxmemory', '1');
    expect(await statusesOf(4, () => create(gateway, shop))).toEqual([201, 201, 201, 429]);
    for (let round = 0; round < 3; round += 1) await look();
    expect(gateway.redisLog).toEqual([away]);
    await admin.config('SET', 'maxmemory', '0');
    await look();
    expect(gateway.redisLog).toEqual([away, back]);
    expect(limitsOf(await create(gateway, shop))).toEqual([201, '"tickets";r=2;t=1000', null]);
  });

  test('not there at the start: the gateway starts, and shares as soon as it is', async () => {
    const redis = await prepareRedis();
    onTestFinished(() => redis.signal('SIGKILL'));
    const gateway = await startSharing(redis.url);
    const shop = await makeShop(database);
    expect(await statusesOf(4, () => create(gateway, shop))).toEqual([201, 201, 201, 429]);
    await redis.start();
    await eventually(async () => expect((await create(gateway, shop)).status).toBe(201), { interval: 50 });
    expect(gateway.redisLog).toEqual([away, back]);
  });

  test.each([
    ['right', 'right', []],
    ['wrong', 'wrong', [away]],
  ])('its password is in no line of the log, when it is %s', async (_, given, lines) => {
    const password = 'planted-password-of-redis-right';
    const redis = await prepareRedis(password);
    onTestFinished(() => redis.signal('SIGKILL'));
    await redis.start();
    const secret = `planted-password-of-redis-${given}`;
    plantSecret(secret);
    const gateway = await startSharing(redis.url.replace(password, secret));
    expect((await create(gateway, await makeShop(database))).status).toBe(201);
    expect(gateway.redisLog).toEqual(lines);
  });
});
