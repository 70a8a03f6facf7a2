import { afterEach, expect, test, vi } from 'vitest';
import { Turns } from '../src/limits/turns.ts';
import { eventually } from './helpers/eventually.ts';
import { makeShop, postGraphQL, startGateway } from './helpers/gateway.ts';

const gateway = await startGateway({ requestDeadline: 400 });
const { prisma } = gateway.database;
const shop = await makeShop(gateway.database);
const other = await makeShop(gateway.database);

const waiting: ((ticket: null) => void)[] = [];
const answerAll = () => {
  for (const answer of waiting.splice(0)) answer(null);
};
const freeze = () =>
  new Promise((resolve) => {
    waiting.push(resolve);
  });

afterEach(() => {
  vi.restoreAllMocks();
  answerAll();
});

const read = (key: string, ids: readonly number[]) =>
  postGraphQL(gateway, key, `{ ${ids.map((id) => `ticket${id}: ticket(id: ${id}) { id }`).join(' ')} }`);
const askedFor = (calls: readonly unknown[][]) =>
  calls.map(([options]) => Number((options as { where: { id: bigint } }).where.id));

test('of a shop two queries are executed at a time, in their order, and another shop need not wait for it', async () => {
  await Promise.all([read(shop.key, [1]), read(other.key, [1])]);
  const findUnique = vi.spyOn(prisma.ticket, 'findUnique').mockImplementation(freeze as never);
  const first = read(shop.key, [1, 2]);
  await eventually(() => expect(waiting).toHaveLength(2));
  const second = read(shop.key, [3]);
  await eventually(() => expect(waiting).toHaveLength(3));
  const third = read(shop.key, [4]);
  const ofOther = read(other.key, [5]);
  await eventually(() => expect(waiting).toHaveLength(4));
  expect(askedFor(findUnique.mock.calls)).toEqual([1, 2, 3, 5]);
  answerAll();
  const answers = [first, second, ofOther].map(async (answer) => (await answer).body);
  expect(await Promise.all(answers)).toEqual([
    { data: { ticket1: null, ticket2: null } },
    { data: { ticket3: null } },
    { data: { ticket5: null } },
  ]);
  await eventually(() => expect(waiting).toHaveLength(1));
  answerAll();
  expect((await third).body).toEqual({ data: { ticket4: null } });
});

test('between two queries that need no database the others are heard', async () => {
  const turns = new Turns(3, 60_000);
  const order: string[] = [];
  setImmediate(() => order.push('others'));
  await Promise.all([1, 2, 3].map((number) => turns.run(shop.id, () => order.push(`query ${number}`))));
  expect(order).toEqual(['query 1', 'query 2', 'others', 'query 3']);
});

test('a query whose turn does not come in time is 503, and the database is not asked', async () => {
  await read(shop.key, [1]);
  const findUnique = vi.spyOn(prisma.ticket, 'findUnique').mockImplementation(freeze as never);
  const answers = await Promise.all([1, 2, 3].map((id) => read(shop.key, [id])));
  const extensions = { code: 'UNAVAILABLE', requestId: 'test' };
  const late = { errors: [{ message: 'The request took too long', extensions }] };
  expect(answers.map(({ status, headers, body }) => [status, headers.get('retry-after'), body])).toEqual(
    Array(3).fill([503, '1', late]),
  );
  answerAll();
  expect((await read(shop.key, [1])).status).toBe(503);
  expect(askedFor(findUnique.mock.calls)).toHaveLength(3);
});
