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

function makeWork(isShared: boolean) {
  const order: string[] = [];
  const heavyWork = new HeavyWork(60_000, () => isShared);
  return {
    order,
    /** Keeps the process for so many milliseconds, when it is the shop's turn. */
    async work(shopId: number, name: string, milliseconds: number) {
      await heavyWork.turn(shopId);
      for (const began = performance.now(); performance.now() - began < milliseconds; );
      order.push(name);
    },
    /** Something that is due before any rest is over, and after what does not rest. */
    async others() {
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push('others');
    },
  };
}

test.each([
  ['half of the time is theirs', true, ['first', 'others', 'second']],
  ['and else none', false, ['first', 'second', 'others']],
])('as long as other shops have requests under way %s', async (_, isShared, expected) => {
  const { order, work, others } = makeWork(isShared);
  await work(1, 'first', 40);
  await Promise.all([others(), work(1, 'second', 0)]);
  expect(order).toEqual(expected);
});

test('a shop that has little to do need not wait because another had much', async () => {
  const { order, work, others } = makeWork(true);
  await work(1, 'much', 40);
  await Promise.all([others(), work(1, 'more', 0), work(2, 'little', 0)]);
  expect(order).toEqual(['much', 'little', 'others', 'more']);
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
