import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listen } from '../src/server.ts';
import { eventually } from './helpers/eventually.ts';
import { makeShop, postTicket, startGateway } from './helpers/gateway.ts';
import { exchange, parseAnswer, postText, sendTogether, untilRead } from './helpers/sockets.ts';

const gateway = await startGateway();
const { prisma, sql, withSession } = gateway.database;
const shop = await makeShop(gateway.database);
const customers = await prisma.customer.createManyAndReturn({
  data: Array.from({ length: 6 }, (_, number) => ({
    shopId: shop.id,
    email: `customer${number}@shop.example`,
  })),
});

// Names that no rule of the gateway's refuses: the database refuses one, and leaves the other out without a word.
await withSession((session) =>
  session.execute(`
    CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'poison';
      END
    $$;
    CREATE TRIGGER refuse_poison BEFORE INSERT ON tickets FOR EACH ROW WHEN (NEW.name = 'poison')
      EXECUTE FUNCTION refuse_poison();
    CREATE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RETURN NULL;
      END
    $$;
    CREATE TRIGGER leave_out BEFORE INSERT ON tickets FOR EACH ROW WHEN (NEW.name = 'left out')
      EXECUTE FUNCTION leave_out()`),
);

afterEach(() => {
  vi.restoreAllMocks();
});

const server = await listen(gateway.gateway, 0, '127.0.0.1');
afterAll(() => server.drain(1000));

// From then on the key is known, and nothing is suspected.
beforeEach(() => createAlone('first', shop.customerId));

/** A request, with whose answer its connection ends. */
function requestFor(name: string, customerId: number, key = shop.key): string {
  const body = JSON.stringify({ customerId, Channel: 'Mail', name });
  return postText('/api/v1/tickets', body, [`X-Api-Key: ${key}`, 'Connection: close']);
}

const createAlone = (name: string, customerId: number) => exchange(server.url, requestFor(name, customerId));

/** Sends requests all at once, so that they are read together; counts the statements. */
async function createTogether(names: readonly string[], customerIds: readonly number[] = [shop.customerId]) {
  const query = vi.spyOn(sql, 'query');
  const texts = names.map((name, index) => requestFor(name, customerIds[index % customerIds.length] ?? 0));
  const answers = await Promise.all(await sendTogether(server.url, texts));
  return { answers: answers.map(parseAnswer), statements: query.mock.calls.length };
}

const numbered = (name: string) => Array.from({ length: 30 }, (_, number) => `${name} ${number}`);

test('tickets that are asked for at the same time are one statement, and each gets its own answer', async () => {
  const names = numbered('Ticket');
  const { answers, statements } = await createTogether(names);
  expect(answers.map(({ body }) => JSON.parse(body).ticket.name)).toEqual(names);
  expect(statements).toBe(1);
});

test('tickets with long messages are several statements', async () => {
  const query = vi.spyOn(sql, 'query');
  const body = JSON.stringify({
    customerId: shop.customerId,
    Channel: 'Mail',
    lastMessage: 'x'.repeat(65_536),
  });
  const text = postText('/api/v1/tickets', body, [`X-Api-Key: ${shop.key}`, 'Connection: close']);
  const answers = await Promise.all(await sendTogether(server.url, Array(20).fill(text)));
  expect(answers.map((answer) => parseAnswer(answer).status)).toEqual(Array(20).fill(201));
  const lengths = query.mock.calls.map(([, [drafts]]) => String(drafts).length);
  expect(Math.max(...lengths)).toBeLessThan(5 * 66_000);
});

test('another shop’s ticket is in the next statement, however many of one shop wait', async () => {
  const other = await makeShop(gateway.database);
  expect(
    (await postTicket(gateway, other.key, { customerId: other.customerId, Channel: 'Mail' })).status,
  ).toBe(201);
  const { query } = sql;
  let goOn = () => {};
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const gated = vi.spyOn(sql, 'query');
  const answers: Promise<unknown>[] = [];
  // As many statements as may be under way.
  for (const number of [1, 2, 3]) {
    gated.mockImplementationOnce(async (statement, values) => {
      await gate;
      return query(statement, values);
    });
    answers.push(createAlone(`held up ${number}`, shop.customerId));
    await eventually(() => expect(gated).toHaveBeenCalledTimes(number));
  }
  const texts = [
    ...Array(260).fill(requestFor('many', shop.customerId)),
    requestFor('one', other.customerId, other.key),
  ];
  answers.push(...(await sendTogether(server.url, texts)));
  await untilRead(server.url);
  goOn();
  await Promise.all(answers);
  const [, , , next] = gated.mock.calls.map(([, [drafts]]) => JSON.parse(String(drafts)));
  expect(next.map(({ name }: { name: string }) => name)).toEqual(['many', 'one', ...Array(248).fill('many')]);
});

test('a ticket that the database refuses takes none of those down that came with it', async () => {
  const names = numbered('Neighbour').with(7, 'poison');
  const { answers } = await createTogether(names);
  expect(answers.map(({ status }) => status)).toEqual(names.map((name) => (name === 'poison' ? 500 : 201)));
  const where = { name: { in: names } };
  const rows = await prisma.ticket.findMany({ where, orderBy: { id: 'asc' } });
  expect(rows.map(({ name }) => name).sort()).toEqual(names.filter((name) => name !== 'poison').sort());
});

test('a ticket that the database leaves out is not acknowledged, and those that came with it are', async () => {
  const { answers } = await createTogether(['here', 'left out', 'here, too']);
  expect(answers.map(({ status }) => status)).toEqual([201, 503, 201]);
});

test('those that came with one that the database refuses are tried again two of a shop at a time', async () => {
  let [underWay, most] = [0, 0];
  const { query } = sql;
  vi.spyOn(sql, 'query').mockImplementation(async (statement, values) => {
    underWay += 1;
    most = Math.max(most, underWay);
    try {
      return await query(statement, values);
    } finally {
      underWay -= 1;
    }
  });
  const customerIds = customers.map(({ id }) => id);
  const { answers } = await createTogether(numbered('Companion').with(7, 'poison'), customerIds);
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(29);
  expect(most).toBe(2);
});

test('a customer whose ticket the database refuses is kept apart from others for a while, until one is created', async () => {
  const [first, second] = customers.map(({ id }) => id);
  const customerIds = [first ?? 0, second ?? 0];
  await createTogether(['poison'], customerIds.slice(0, 1));
  vi.restoreAllMocks();
  const apart = await createTogether(['of him', 'of another'], customerIds);
  expect(apart.answers.map(({ status }) => status)).toEqual([201, 201]);
  expect(apart.statements).toBe(2);
  vi.restoreAllMocks();
  const together = await createTogether(['of him again', 'of another again'], customerIds);
  expect(together.statements).toBe(1);
});

test('a customer is kept apart also after tickets that were not created, be they another shop’s', async () => {
  const other = await makeShop(gateway.database);
  const [first, second] = customers.map(({ id }) => id);
  const known = () => postTicket(gateway, shop.key, { customerId: first, Channel: 'Mail' }, 'known');
  expect((await known()).status).toBe(201);
  await createTogether(['poison'], [first ?? 0]);
  expect((await known()).status).toBe(201);
  expect((await postTicket(gateway, other.key, { customerId: first, Channel: 'Mail' })).status).toBe(404);
  vi.restoreAllMocks();
  expect((await createTogether(['of him', 'of another'], [first ?? 0, second ?? 0])).statements).toBe(2);
});

test('a shop of which tickets of three customers failed is kept apart for a while, until one is created', async () => {
  const customerIds = customers.map(({ id }) => id);
  for (const customerId of customerIds.slice(0, 3)) await createAlone('poison', customerId);
  const apart = await createTogether(['of another', 'of one more'], customerIds.slice(3, 5));
  expect(apart.answers.map(({ status }) => status)).toEqual([201, 201]);
  expect(apart.statements).toBe(2);
  vi.restoreAllMocks();
  const together = await createTogether(['of another again', 'of one more again'], customerIds.slice(3, 5));
  expect(together.statements).toBe(1);
});

test('a shop of which tickets of one customer failed again and again is not kept apart', async () => {
  const [one = 0, another = 0, last = 0] = customers.slice(3).map(({ id }) => id);
  for (let time = 0; time < 4; time += 1) await createAlone('poison', last);
  const together = await createTogether(['of another', 'of one more'], [one, another]);
  expect(together.answers.map(({ status }) => status)).toEqual([201, 201]);
  expect(together.statements).toBe(1);
});

test('a database that is away is asked once for all that came together, and each of them is 503', async () => {
  const query = vi.spyOn(sql, 'query').mockRejectedValue(Object.assign(new Error('gone'), { code: '57P01' }));
  const { answers } = await createTogether(numbered('Late'));
  expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(503));
  expect(query).toHaveBeenCalledTimes(1);
});

test('a batch whose answer cannot be read is not tried again, for its tickets may be there', async () => {
  const where = { name: { in: numbered('Unread') } };
  const { query } = sql;
  vi.spyOn(sql, 'query').mockImplementationOnce(async (statement, values) => {
    await query(statement, values);
    throw new RangeError('Received unexpected message type');
  });
  const { answers } = await createTogether(numbered('Unread'));
  expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(500));
  expect(await prisma.ticket.count({ where })).toBe(30);
});
