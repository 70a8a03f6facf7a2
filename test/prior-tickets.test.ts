import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listen } from '../src/server.ts';
import { eventually } from './helpers/eventually.ts';
import { makeShop, postTicket, startGateway, type TestShop } from './helpers/gateway.ts';
import { parseAnswer, postText, sendTogether, untilRead } from './helpers/sockets.ts';

const gateway = await startGateway({
  rateLimit: { rate: 1, capacity: 1 },
  clock: () => 0,
  requestDeadline: 2000,
});
const { sql } = gateway.database;
const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));
let shop: TestShop;

const input = () => ({ customerId: shop.customerId, Channel: 'Mail' });
const create = (key: string) => postTicket(gateway, shop.key, input(), key);

// It is past its rate limit from then on.
beforeEach(async () => {
  shop = await makeShop(gateway.database);
  expect((await create('first')).status).toBe(201);
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Freezes the two look-ups that a shop may have under way. */
async function freezeTwo() {
  const waiting: ((rows: never[]) => void)[] = [];
  const freeze = () => new Promise<never[]>((resolve) => waiting.push(resolve));
  const query = vi.spyOn(sql, 'query');
  const answers = [];
  for (const key of ['one', 'two']) {
    query.mockImplementationOnce(freeze);
    answers.push(create(key));
    await eventually(() => expect(waiting).toHaveLength(answers.length));
  }
  const goOn = () => {
    for (const answer of waiting) answer([]);
  };
  return { answers, goOn, query };
}

test('keys past the rate limit that wait for their turn are looked up with one statement, and each gets its own answer', async () => {
  const { answers, goOn, query } = await freezeTwo();
  const keys = ['first', ...Array.from({ length: 29 }, (_, number) => `key ${number}`)];
  const body = JSON.stringify(input());
  const headerLines = [`X-Api-Key: ${shop.key}`, 'Connection: close'];
  const texts = keys.map((key) =>
    postText('/api/v1/tickets', body, [...headerLines, `Idempotency-Key: ${key}`]),
  );
  const late = await sendTogether(server.url, texts);
  await untilRead(server.url);
  goOn();
  const [repeated, ...refused] = (await Promise.all(late)).map(parseAnswer);
  expect([repeated?.status, repeated?.headers['idempotent-replayed']]).toEqual([201, 'true']);
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 429));
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([429, 429]);
  const lookedUp = [['one'], ['two'], keys].map((some) => [shop.id, some]);
  expect(query.mock.calls.map(([, values]) => values)).toEqual(lookedUp);
});

test('keys whose turn does not come in time are 503, and the next ones are looked up again', async () => {
  const { answers, goOn } = await freezeTwo();
  const late = await Promise.all([...answers, create('three')]);
  const body = { error: 'The request took too long', code: 'UNAVAILABLE', requestId: 'test' };
  expect(late.map((answer) => [answer.status, answer.body])).toEqual(late.map(() => [503, body]));
  goOn();
  expect((await create('first')).status).toBe(201);
});
