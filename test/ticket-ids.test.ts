import { expect, test } from 'vitest';
import { makeShop, postTicket, startGateway } from './helpers/gateway.ts';

const gateway = await startGateway();
const shop = await makeShop(gateway.database);

const create = async () => {
  const answer = await postTicket(gateway, shop.key, {
    customerId: shop.customerId,
    Channel: 'Mail',
    isOpenedTicket: true,
  });
  expect(answer.status).toBe(201);
  return BigInt((answer.body as { ticket: { id: string } }).ticket.id);
};

test('two thousand tickets, five hundred created at once, get two thousand ids, and each its own human ticket', async () => {
  const ids: bigint[] = [];
  // Of more connections at once the system would refuse some before the gateway sees them.
  for (let round = 0; round < 4; round += 1) {
    ids.push(...(await Promise.all(Array.from({ length: 500 }, create))));
  }
  expect(new Set(ids).size).toBe(2000);
  const rows = await gateway.database.prisma.humanTicket.findMany({ where: { ticketId: { in: ids } } });
  expect(new Set(rows.map(({ ticketId }) => ticketId)).size).toBe(2000);
}, 60_000);

test('ids rise with time, exceed 2^53 and hold the time of creation', async () => {
  const ids = [await create(), await create(), await create()];
  expect([...ids].sort((one, another) => Number(one - another))).toEqual(ids);
  const epoch = Date.UTC(2020, 0, 1);
  for (const id of ids) {
    const row = await gateway.database.prisma.ticket.findUniqueOrThrow({ where: { id } });
    expect(id).toBeGreaterThan(2n ** 53n);
    expect(Math.abs(Number(id >> 22n) + epoch - row.createdAt.getTime())).toBeLessThan(1000);
  }
});
