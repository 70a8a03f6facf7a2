import { expect, onTestFinished, test, vi } from 'vitest';
import { HeavyWork } from '../src/limits/heavy-work.ts';
import { eventually } from './helpers/eventually.ts';
import { makeShop, postTicket, startGateway } from './helpers/gateway.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);

test('a ticket with a long text waits for its turn to be parsed and to be prepared, and a short one does not', async () => {
  const waiting: (() => void)[] = [];
  const freeze = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
  const turn = vi.spyOn(HeavyWork.prototype, 'turn').mockImplementation(freeze);
  onTestFinished(() => turn.mockRestore());
  const create = async (lastMessage: string) =>
    (await postTicket(gateway, shop.key, { customerId: shop.customerId, Channel: 'Mail', lastMessage }))
      .status;
  const long = create('x'.repeat(16_384));
  for (const waits of [1, 2]) {
    await eventually(() => expect(waiting).toHaveLength(waits));
    expect(await create('x'.repeat(16_000))).toBe(201);
    waiting.at(-1)?.();
  }
  expect(await long).toBe(201);
  expect(turn.mock.calls).toEqual([[shop.id], [shop.id]]);
});

test.each([
  ['half of the time is theirs', true, ['first', 'others', 'second']],
  ['and else none', false, ['first', 'second', 'others']],
])('as long as other shops have requests under way %s', async (_, isShared, expected) => {
  const order: string[] = [];
  const heavyWork = new HeavyWork(60_000, (shopId) => shopId === 1 && isShared);
  const work = async (name: string, milliseconds: number) => {
    await heavyWork.turn(1);
    for (const began = performance.now(); performance.now() - began < milliseconds; );
    order.push(name);
  };
  const others = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push('others');
  };
  await work('first', 15);
  await Promise.all([others(), work('second', 0)]);
  expect(order).toEqual(expected);
});

test('of two shops that have much to do each has its turn', async () => {
  const order: number[] = [];
  const heavyWork = new HeavyWork(60_000, () => true);
  await Promise.all([1, 1, 1, 2, 2].map((shopId) => heavyWork.turn(shopId).then(() => order.push(shopId))));
  expect(order).toEqual([1, 2, 1, 2, 1]);
});

test('whose turn comes later than anybody waits does not go on', async () => {
  const heavyWork = new HeavyWork(0, () => false);
  await expect(heavyWork.turn(1)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: 'The request took too long',
  });
});
